-- An application load balancer: the functions that nginx calls in the phases of a request.
local peer = require "ngx.balancer"
local answers = require "answers"
local cookies = require "cookies"
local rules = require "rules"
local targets = require "targets"

local M = {}

local configuration -- the digest of the nginx configuration that this Lua state belongs to
local routes = { listeners = {}, groups = {} }

-- Runs in nginx's master, which is root, when it starts and at every reload. While nginx tests its
-- first configuration there is no file yet.
function M.start(path)
  local file = io.open(path)
  local text = file and file:read("*a") or "return {}"
  configuration = loadstring(text)().configuration
  ngx.shared.routes:set("text", text)
end

-- Runs in a worker: use the latest routes.
function M.load()
  math.randomseed(ngx.now() * 1000 + ngx.worker.pid())
  routes = loadstring(ngx.shared.routes:get("text"))().routes or routes
  targets.keep(routes.groups)
end

-- Takes new routes from nginx_process.py, and answers with the digest of this configuration.
function M.refresh()
  ngx.req.read_body()
  assert(ngx.shared.routes:set("text", ngx.req.get_body_data()))
  M.load()
  ngx.print(configuration)
end

local function trace(header)
  local id = ("=1-%08x-%s"):format(ngx.time(), ngx.var.request_id:sub(1, 24))
  local others = header and (";" .. header):gsub(";%s*Self=[^;]*", ""):sub(2)
  return others and others ~= "" and "Self" .. id .. ";" .. others or "Root" .. id
end

local function host(port)
  local header = ngx.var.http_host or ""
  if routes.preserve_host then
    return header
  end
  local name = header:gsub(":%d*$", "")
  if port == "80" or port == "443" then
    return name
  end
  return name == header and header ~= "" and header .. ":" .. port or header
end

local function forwarded_for(before)
  if routes.forwarded_for == "remove" then
    return ""
  elseif routes.forwarded_for == "preserve" then
    return before or ""
  end
  local client = ngx.var.remote_addr
  client = routes.client_port and client .. ":" .. ngx.var.remote_port or client
  return before and before .. ", " .. client or client
end

-- The id of the target group that a forward action chooses; sets what `respond` has to write.
local function group(action, context)
  if #action.groups == 1 then
    return action.groups[1].id
  end
  local found = action.stickiness and cookies.read("AWSALBTG", "AWSALBTG", action.groups)
  found = found or targets.weighted(action.groups, function(one)
    return one.weight
  end)
  context.cookie_group = action.stickiness and found and found.id
  context.cookie_duration = action.stickiness
  return found and found.id
end

-- The target of a group: by the request's cookie, or by the group's algorithm; nil if it has none.
local function target(found)
  local sticky = found.stickiness
  if sticky and (sticky.type == "lb_cookie" or ngx.var["cookie_" .. sticky.cookie]) then
    local name = sticky.type == "lb_cookie" and "AWSALB" or "AWSALBAPP-0"
    local known = cookies.read(name, found.id, found.targets)
    if known then
      return known
    end
  end
  return #found.targets > 0 and targets.choose(found) or nil
end

-- The rewrite phase: answer the request, or choose a target and set the headers for it.
function M.route()
  local request = rules.request()
  local rule = rules.find(routes.listeners[request.port] or {}, request)
  local action, var = rule and rule.action, ngx.var
  if not action then
    return answers.page(503)
  end
  -- For the access log.
  var.lb_priority, var.lb_action = tostring(rule.priority), action.type
  var.lb_trace = trace(var.http_x_amzn_trace_id)
  if action.type == "fixed-response" then
    return answers.send(action.status, action.content_type, action.body)
  elseif action.type == "redirect" then
    return answers.redirect(action, request)
  end
  local context = ngx.ctx -- for the later phases of this request
  context.group = routes.groups[group(action, context)]
  var.lb_group = context.group and context.group.id or ""
  context.target = context.group and target(context.group)
  if not context.target then
    return answers.page(503)
  end
  targets.begin(context.target)
  var.lb_target = context.target.id
  var.lb_scheme = context.group.scheme
  var.lb_host = host(request.port)
  var.lb_forwarded_for = forwarded_for(var.http_x_forwarded_for)
end

-- The balancer phase: connect to the target.
function M.connect()
  local chosen = ngx.ctx.target
  assert(peer.set_current_peer(chosen.address, chosen.port))
end

-- The header phase: add the load balancer's cookies to a target's response.
function M.respond()
  local context = ngx.ctx
  if not context.target then
    return
  end
  local sticky = context.group.stickiness
  if sticky and sticky.type == "lb_cookie" then
    cookies.write("AWSALB", context.group.id, context.target.id, sticky.duration, true)
  elseif sticky then
    for _, cookie in ipairs(cookies.sent()) do
      if cookie:match("^%s*([^=]*)=") == sticky.cookie then
        cookies.write("AWSALBAPP-0", context.group.id, context.target.id, sticky.duration, false)
        break
      end
    end
  end
  if context.cookie_group then
    cookies.write("AWSALBTG", "AWSALBTG", context.cookie_group, context.cookie_duration, true)
  end
end

-- The log phase, when a request has ended.
function M.finish()
  local id = ngx.var.lb_target
  if id and id ~= "" then
    targets.finish(id)
  end
end

-- AWS's page for a request that failed.
function M.failed()
  return answers.page(ngx.status)
end

return M

-- Which rule of a listener a request matches. Patterns are Lua's, as lua_text.py writes them.
local M = {}

local function any(patterns, text)
  for _, pattern in ipairs(patterns) do
    if text:find(pattern) then
      return true
    end
  end
  return false
end

-- The values of a header field, in lower case. A request may have a field several times.
local function values(header)
  header = type(header) == "table" and header or { header }
  for number, value in ipairs(header) do
    header[number] = tostring(value):lower()
  end
  return header
end

local function number(address)
  local a, b, c, d = address:match("^(%d+)%.(%d+)%.(%d+)%.(%d+)$")
  return a and ((a * 256 + b) * 256 + c) * 256 + d
end

local matches = {}

local parts = { ["host-header"] = "host", ["path-pattern"] = "path" }
parts["http-request-method"] = "method"
for field, part in pairs(parts) do
  matches[field] = function(condition, request)
    return any(condition.values, request[part])
  end
end

matches["http-header"] = function(condition, request)
  for _, value in ipairs(values(request.headers[condition.name])) do
    if any(condition.values, value) then
      return true
    end
  end
  return false
end

matches["query-string"] = function(condition, request)
  for part in request.query:lower():gmatch("[^&]+") do
    local key, value = part:match("^([^=]*)=?(.*)$")
    for _, pair in ipairs(condition.pairs) do
      if key:find(pair[1]) and value:find(pair[2]) then
        return true
      end
    end
  end
  return false
end

matches["source-ip"] = function(condition, request)
  local address = number(request.address)
  for _, network in ipairs(condition.networks) do
    if address and address >= network[1] and address <= network[2] then
      return true
    end
  end
  return false
end

-- The request as conditions see it: the path as it was sent, the host without its port.
function M.request()
  local var = ngx.var
  local path, query = var.request_uri:match("^([^?]*)%??(.*)$")
  return {
    host = var.host,
    path = path,
    query = query,
    method = ngx.req.get_method(),
    headers = ngx.req.get_headers(0),
    address = var.remote_addr,
    scheme = var.scheme,
    port = var.server_port,
  }
end

-- The first rule whose conditions all match; the default rule has no conditions.
function M.find(rules, request)
  for _, rule in ipairs(rules) do
    local all = true
    for _, condition in ipairs(rule.conditions) do
      if not matches[condition.field](condition, request) then
        all = false
        break
      end
    end
    if all then
      return rule
    end
  end
end

return M

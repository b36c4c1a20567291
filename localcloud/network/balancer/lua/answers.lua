-- Responses of the load balancer itself.
local M = {}

local PHRASES = {
  [301] = "Moved Permanently",
  [302] = "Found",
  [400] = "Bad Request",
  [405] = "Not Allowed",
  [408] = "Request Time-out",
  [413] = "Request Entity Too Large",
  [414] = "Request-URI Too Large",
  [500] = "Internal Server Error",
  [502] = "Bad Gateway",
  [503] = "Service Temporarily Unavailable",
  [504] = "Gateway Time-out",
}

function M.send(status, kind, body)
  ngx.status = status
  ngx.header["Server"] = "awselb/2.0"
  ngx.header["Content-Type"] = kind
  ngx.header["Content-Length"] = #body
  ngx.print(body)
  return ngx.exit(ngx.OK)
end

-- AWS's page for a status code.
function M.page(status)
  local title = status .. " " .. (PHRASES[status] or "")
  local body = "<html>\r\n<head><title>%s</title></head>\r\n<body>\r\n"
    .. "<center><h1>%s</h1></center>\r\n</body>\r\n</html>\r\n"
  return M.send(status, "text/html", body:format(title, title))
end

function M.redirect(action, request)
  local known = {
    protocol = request.scheme,
    host = request.host,
    port = request.port,
    path = request.path:sub(2),
    query = request.query,
  }
  local function fill(text)
    return (text:gsub("#{(%a+)}", known))
  end
  local query = fill(action.query)
  ngx.header["Location"] = fill(action.protocol):lower() .. "://" .. fill(action.host)
    .. ":" .. fill(action.port) .. fill(action.path) .. (query ~= "" and "?" .. query or "")
  return M.page(action.status)
end

return M

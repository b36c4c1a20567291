-- The load balancer's own cookies, which keep a client at a target or target group for some time.
local M = {}

local DIGEST = 20 -- bytes of an HMAC-SHA1

-- A cookie's value, which hides `id`. `key` is what the cookie is for, such as a group's ARN.
local function seal(key, id, expires)
  return ngx.encode_base64(ngx.hmac_sha1(key, id .. expires) .. expires)
end

-- The one of `items` (each has an `id`) that the request's cookie names; nil without a valid one.
function M.read(name, key, items)
  local value = ngx.var["cookie_" .. name] or ngx.var["cookie_" .. name .. "CORS"]
  local text = value and ngx.decode_base64(value)
  local expires = text and text:sub(DIGEST + 1)
  if not expires or (tonumber(expires) or 0) < ngx.time() then
    return nil
  end
  for _, item in ipairs(items) do
    if seal(key, item.id, expires) == value then
      return item
    end
  end
end

-- Sets a cookie that names `id`; with `cors`, also the one that browsers send from other sites.
function M.write(name, key, id, duration, cors)
  local expires = ngx.time() + duration
  local value = seal(key, id, tostring(expires)) .. "; Expires=" .. ngx.cookie_time(expires)
  local cookies = { ("%s=%s; Path=/"):format(name, value) }
  if cors then
    local secure = ngx.var.scheme == "https" and "; Secure" or ""
    cookies[2] = ("%sCORS=%s; Path=/; SameSite=None%s"):format(name, value, secure)
  end
  for _, cookie in ipairs(M.sent()) do
    cookies[#cookies + 1] = cookie
  end
  ngx.header["Set-Cookie"] = cookies
end

-- The Set-Cookie values of the response.
function M.sent()
  local sent = ngx.header["Set-Cookie"] or {}
  return type(sent) == "table" and sent or { sent }
end

return M

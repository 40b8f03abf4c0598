--- Who gets in: the page that was opened with this run's key, on this machine, and nobody else (no foreign page, no
--- rebound name).

local crypto = require("airlock.server").crypto

local gate = {}
gate.__index = gate

--- A gate with a key of its own.
---@param address string host and port as they stand in the URL, such as "127.0.0.1:4711"
---@return table gate `key`, `origin`
function gate.new(address)
  return setmetatable({ key = crypto.base64url(crypto.random(24)), address = address, origin = "http://" .. address },
    gate)
end

--- The page's address.
---@return string url
function gate:url()
  return ("%s/%s/"):format(self.origin, self.key)
end

-- The browser was led to the page by a file of ours (airlock.browser), which counts as another site. Whoever has the
-- key may open it, in a tab of its own.
local function opens(path, headers)
  return path == "/" and headers.origin == nil and headers["sec-fetch-mode"] == "navigate"
    and headers["sec-fetch-dest"] == "document"
end

-- A browser says where a request comes from; whatever isn't our own page is refused, also with the right key.
local function ours(self, headers)
  local origin, site = headers.origin, headers["sec-fetch-site"]
  if origin and origin ~= self.origin then return false end
  return site == nil or site == "same-origin" or site == "none"
end

--- Whether a request came under our own name: a name that was rebound to this machine is another one.
---@param exchange userdata
---@return boolean
function gate:named(exchange)
  return exchange.headers.host == self.address
end

-- Requests that change something come from our script alone: a form can't send this type, and another origin would have
-- to ask first.
local function scripted(self, exchange)
  local headers = exchange.headers
  return headers.origin == self.origin and (headers["content-type"] or ""):match "^application/json%f[^%w]" ~= nil
end

--- Judges a request.
---@param exchange userdata
---@return string? path what follows the key, beginning with "/"; nil: refused
---@return string? why
function gate:admit(exchange)
  local key, path = exchange.path:match "^/([%w_-]+)(/.*)$"
  if not self:named(exchange) then return nil, "This is not the name I listen under." end
  if not key or not crypto.equal(key, self.key) then
    return nil, "Open the address that the playground printed: it has the key."
  end
  local get = exchange.method == "GET" or exchange.method == "HEAD"
  if not ours(self, exchange.headers) and not (get and opens(path, exchange.headers)) then
    return nil, "Another site asked for this."
  end
  if get then return path end
  if exchange.method ~= "POST" or not scripted(self, exchange) then
    return nil, "Only the playground's own page may do this."
  end
  return path
end

return gate

--- Client assertions (RFC 7523 section 3): a client that signs, with its key or its secret, who it is.

local jwt = require "airlock.emulator.oauth.jwt"

local assertion = {}

local assertion_type = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
local longest = 300 -- seconds that one may be good for

local function genuine(parsed, app)
  if tostring(parsed.header.alg):find "^HS" then
    return jwt.made_with(parsed, app.client_secret), "client_secret_jwt"
  end
  return app.jwks ~= nil and jwt.signed_by(parsed, app.jwks.keys), "private_key_jwt"
end

-- Each is good for one use: those that were seen are kept until they would have expired.
local function used_before(emulator, claims, now)
  if type(claims.jti) ~= "string" then return "jti is missing" end
  for jti, expires in pairs(emulator.assertions) do
    if expires <= now then emulator.assertions[jti] = nil end
  end
  if emulator.assertions[claims.jti] then return "it was used before" end
  emulator.assertions[claims.jti] = claims.exp
end

--- Tells the application that an assertion speaks for.
---@param call table
---@param fields table<string, string>
---@param find fun(client_id: string): table?
---@return table? application
---@return string method or, without an application, why not
function assertion.identify(call, fields, find)
  if fields.client_assertion_type ~= assertion_type then return nil, "client_assertion_type is unknown" end
  local parsed = jwt.parse(fields.client_assertion or "")
  if not parsed then return nil, "the client assertion isn't a JWT" end
  local claims, url = parsed.claims, call.emulator.url
  local app = type(claims.sub) == "string" and find(claims.sub)
  if not app then return nil, "unknown client" end
  if claims.iss ~= claims.sub or fields.client_id and fields.client_id ~= claims.sub then
    return nil, "the client assertion names different clients"
  end
  if not jwt.meant_for(claims, { url, url .. "/oauth/token" }) then
    return nil, "the client assertion is meant for another server"
  end
  local good, method = genuine(parsed, app)
  if not good then return nil, "the client assertion's signature is wrong" end
  local why = jwt.untimely(claims, call.at, longest) or used_before(call.emulator, claims, call.at)
  if why then return nil, "the client assertion is no good: " .. why end
  return app, method
end

return assertion

--- How sessions end: by their user, and by the server (OpenID Connect RP-Initiated Logout, Back-Channel Logout).

-- spec: spec/web/logout_spec.lua

local cookies = require "airlock.web.cookies"
local core = require "airlock.core"
local form = require "airlock.form"
local jwt = require "airlock.jwt"

local logout = {}

local event = "http://schemas.openid.net/event/backchannel-logout"
local early, late = 60, 300 -- s that a logout token's iat may be ahead, and how old it may be

-- Where the server ends its own session; nil: it has no such page.
local function server_page(self, hint)
  local told = self.client:metadata()
  local url = told and told.end_session_endpoint
  if type(url) ~= "string" then return nil end
  local back = self.after_logout:find "^https?://" and self.after_logout or nil
  return form.onto(url, { id_token_hint = hint, client_id = self.client:settings().client_id,
    post_logout_redirect_uri = back }, "airlock.web", "after_logout")
end

--- The user logs out here: a request of another site can't do that.
---@param self table
---@param asked table
---@param user table?
---@param respond function
---@return table response
function logout.here(self, asked, user, respond)
  if asked.foreign or asked.method ~= "GET" and asked.method ~= "POST" then
    return respond(asked.foreign and 403 or 405, {}, "Log out on a page of this application.\n")
  end
  local hint, kept = nil, true
  if user then
    user.session:settle() -- what is to be revoked may be known to the store alone
    hint = user.session:_id_token()
    kept = self.ended:one(user.data.id, self.cookie.life)
    user.session:logout()
  end
  local lines = cookies.clear(self.cookie.name, self.cookie, asked.cookies)
  local response = respond(303, { Location = server_page(self, hint) or self.after_logout, ["Set-Cookie"] = lines })
  if not kept then response.failure = { message = "the memory of ended sessions takes no more" } end
  return response
end

local function text(value)
  return type(value) == "string" and value ~= "" and #value <= 512 and value or nil
end

-- Section 2.6: what is wrong with the claims of a logout token; nil: nothing.
local function fault(claims, header)
  if type(claims.events) ~= "table" or type(claims.events[event]) ~= "table" then return "it is no logout token" end
  if claims.nonce ~= nil then return "it has a nonce, as an ID token has" end
  local typ = core.lower(tostring(header.typ or "jwt"))
  if typ ~= "logout+jwt" and typ ~= "jwt" then return "its typ is another token's" end
  if not text(claims.sub) and not text(claims.sid) then return "it names neither sub nor sid" end
  if not text(claims.jti) then return "it has no jti" end
  if type(claims.iat) ~= "number" or type(claims.exp) ~= "number" then return "it has no iat or exp" end
  local age = core.wall() - claims.iat
  if age > late or age < -early then return "it isn't of now (iat)" end
  if claims.aud == nil or claims.iss == nil then return "it has no aud or iss" end
end

-- The claims of a token that the server really sent; or nil, why not, and whether the server's keys couldn't be had.
local function read(self, asked)
  if asked.method ~= "POST" or type(asked.body) ~= "string" or #asked.body > 128 * 1024 then
    return nil, "a logout token is POSTed"
  end
  local token = (core.form(asked.body) or {}).logout_token
  if not text(token) and not (type(token) == "string" and #token <= 64 * 1024 and token ~= "") then
    return nil, "there is no logout_token"
  end
  local settings = self.client:settings()
  if not settings.issuer or not self.client:has "jwks_uri" then
    return nil, "this client knows no issuer and no keys"
  end
  local claims, header, detail = jwt.claims(self.client, token, { what = "ID token", issuer = settings.issuer,
    audience = settings.client_id, algs = settings.id_token_algs })
  if not claims then return nil, header, detail and detail.outcome == "transient" end
  local why = fault(claims, header)
  if why then return nil, "the logout token isn't valid: " .. why end
  return claims
end

-- Section 2.8: what the server is told; why is for the program's log.
local function unfit(respond, status, why)
  local response = respond(status, { ["Content-Type"] = "application/json" }, '{"error":"invalid_request"}')
  response.failure = { message = why }
  return response
end

--- The server ends sessions.
---@param self table
---@param asked table
---@param respond function
---@return table response
function logout.from_server(self, asked, respond)
  local claims, why, busy = read(self, asked)
  if not claims then return unfit(respond, busy and 503 or 400, why) end
  if self.ended:knows(claims.jti) then return unfit(respond, 400, "this logout token was here before") end
  -- the token is spent once its work is done, so that the server may send it again where it isn't
  if not self.ended:all(text(claims.sid), text(claims.sub), self.cookie.life)
    or not self.ended:remember(claims.jti, late + early) then
    return unfit(respond, 503, "the memory of ended sessions takes no more")
  end
  return respond(200)
end

return logout

-- Authorization code with PKCE: a web application acts for its user. Two web requests, which may be in two processes.
local airlock = require "airlock"
local space_here = require("airlock.emulator").start()

local application = space_here.applications.web
local space = airlock.space { url = space_here.url, client_id = application.client_id,
  client_secret = application.client_secret }

-- The first request: send the browser to Space, and keep what is needed to recognize its answer.
local function begin()
  local authorization = space:authorization_code {
    scope = "global:Profile.View", redirect_uri = "http://127.0.0.1:8080/callback", access_type = "offline",
  }
  return authorization.url, authorization:save() -- the text may lie in a cookie or a session: it is sealed
end

-- The second: the browser came back.
local function callback(redirect, saved)
  local authorization = assert(space:authorization(saved))
  return assert(authorization:finish(redirect))
end

local url, saved = begin()
local redirect = space_here:approve(url, { person = space_here.people[1] }) -- a person with a browser, else
local user = callback(redirect, saved)
local info = user:info()
print(("authorization code: acts on behalf of the %s %s, scope %s, renewable %s")
  :format(info.subject, assert(user:get "team-directory/profiles/me").username, info.scope, tostring(info.renewable)))

space_here:stop()

-- Refresh token: a program that kept one goes on without its user; Space may replace it each time (rotation).
local airlock = require "airlock"
local space_here = require("airlock.emulator").start { rotate = true }

local application, person = space_here.applications.web, space_here.people[2]
local kept = space_here:issue { application = application, person = person, scope = "global:Profile.View",
  offline = true }.refresh_token
local space = airlock.space { url = space_here.url, client_id = application.client_id,
  client_secret = application.client_secret }
local user = space:refresh_token(kept)
for _ = 1, 3 do
  assert(user:get "team-directory/profiles/me")
  space_here:advance(601) -- the access token expires, and with each renewal comes a new refresh token
end
print(("refresh token: acts on behalf of %s through %d renewals")
  :format(assert(user:get "team-directory/profiles/me").username, space_here:count "/oauth/token"))

space_here:stop()

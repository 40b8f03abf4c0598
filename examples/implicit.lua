-- Implicit: deprecated (RFC 9700 section 2.1.2), as the token travels in a URL. Use authorization_code wherever you
-- can.
local airlock = require "airlock"
local space_here = require("airlock.emulator").start()

local application = space_here.applications.web
local space = airlock.space { url = space_here.url, client_id = application.client_id }
local authorization = space:implicit { scope = "global:Profile.View", redirect_uri = "http://127.0.0.1:8080/callback" }
local redirect = space_here:approve(authorization.url, { person = space_here.people[1] })
local user = assert(authorization:finish(redirect))
print(("implicit: acts on behalf of %s, renewable %s")
  :format(assert(user:get "team-directory/profiles/me").username, tostring(user:info().renewable)))

space_here:stop()

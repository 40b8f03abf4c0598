-- Password: not recommended (RFC 9700 section 2.4), as the program sees it. For old installations that know no better
-- way.
local airlock = require "airlock"
local space_here = require("airlock.emulator").start()

local application = space_here.applications.service
local space = airlock.space {
  url = space_here.url, client_id = application.client_id, client_secret = application.client_secret,
  on_event = function(event) if event.event == "deprecated" then print(event.code .. ": not recommended") end end,
}
local user = assert(space:password {
  username = "alice.first", password = "password-of-alice.first", scope = "global:Profile.View",
    access_type = "offline",
})
print(("password: acts on behalf of %s"):format(assert(user:get "team-directory/profiles/me").username))

space_here:stop()

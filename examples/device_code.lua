-- Device code (RFC 8628): this machine has no browser; the user enters a code on another one. Space never had it,
-- others do.
local airlock = require "airlock"
local space_here = require("airlock.emulator").start { device_interval = 1 }

local application = space_here.applications.native
local space = airlock.space {
  url = space_here.url, client_id = application.client_id,
    device_authorization_endpoint = space_here.url .. "/oauth/device",
}
local device = assert(space:device_code { scope = "global:Profile.View" })
print(("device code: enter %s at %s"):format(device.user_code, device.verification_uri))
space_here:enter_device_code(device.user_code, { person = space_here.people[3] }) -- on the other machine
local user = assert(device:wait())
print(("device code: acts on behalf of %s"):format(assert(user:get "team-directory/profiles/me").username))

space_here:stop()

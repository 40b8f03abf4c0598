-- Permanent token: made by hand in Space's settings, good until it is revoked. Best for a script of one's own.
local airlock = require "airlock"
local space_here = require("airlock.emulator").start()

local person = space_here.people[1]
-- yours is copied from Space
local token = space_here:permanent_token { person = person, scope = "**", name = "my script" }
local space = airlock.space { url = space_here.url, client_id = space_here.client_id }
local user = space:permanent_token(token)
print(("permanent token: acts on behalf of %s"):format(assert(user:get "team-directory/profiles/me").username))

space_here:stop()

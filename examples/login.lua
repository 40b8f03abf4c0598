-- Login: a script or an editor acts for the user at this machine, through the browser (RFC 8252).
-- With `lua login.lua browser` you are the one who logs in (alice.first, password-of-alice.first).
local airlock = require "airlock"
local emulator = require "airlock.emulator"

local by_hand = arg and arg[1] == "browser"
local space_here = emulator.start()
local application = space_here.applications.native -- public: a program on its user's machine can keep no secret
local space = airlock.space { url = space_here.url, client_id = application.client_id }

-- In place of a browser: says yes as the first person, and follows the redirect back to this program.
local function robot(url)
  local redirect = space_here:approve(url, { person = space_here.people[1] })
  local found = os.execute "command -v curl >/dev/null" -- without it nobody would come, until the login times out
  assert(found == true or found == 0, "this example's browser is curl, which isn't installed")
  os.execute(("curl -s '%s' >/dev/null &"):format(redirect))
end

local user = assert(space:login { scope = "global:Profile.View", open = not by_hand and robot or nil })
print(("login: acts on behalf of %s"):format(assert(user:get "team-directory/profiles/me").username))
assert(user:logout())
print(("login: after logout %s"):format(select(2, user:get "team-directory/profiles/me")))

space_here:stop()

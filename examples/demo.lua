-- The main job in one script: `make demo`. It runs the emulator (a JetBrains Space of our own) inside itself.

local airlock = require "airlock"
local emulator = require "airlock.emulator"

local function say(...) print(string.format(...)) end

local space_here = emulator.start {}
say("A Space is running at %s", space_here.url)

-- The application as it is registered there, and a session on its own behalf.
local space = airlock.space {
  url = space_here.url, client_id = space_here.client_id, client_secret = space_here.client_secret,
  on_event = function(event)
    say("   · %s%s", event.event, event.status and (" (%d)"):format(event.status) or "")
  end,
}
local app = space:client_credentials { scope = "**" }

say "\n1. The first call gets a token (client credentials) and then what it came for:"
local me = assert(app:get "applications/me")
local info = app:info()
say("   %s acts on behalf of the %s, scope %s, for another %d s", me.name, info.subject, info.scope,
  info.expires_at - os.time())

say "\n2. The next ones use the same token:"
local organization = assert(app:get "organization")
say("   the organization is called %s", organization.name)

say "\n3. Ten minutes later the token has expired; the call finds out and renews it:"
space_here:advance(601)
say("   it is still called %s", assert(app:get "organization").name)

say "\n4. A list comes in pages; the loop sees items:"
local names = {}
for project in app:each("projects", { ["$top"] = 10 }) do names[#names + 1] = project.name end
say("   %d projects: %s, %s … %s", #names, names[1], names[2], names[#names])

say "\n5. Many requests side by side:"
local before = space_here:count()
local responses = app:all { "projects", "absences", "team-directory/profiles", "organization" }
for i = 1, responses.n do
  say("   %s → %d, %d bytes", responses[i].url:match "/http/(.*)", responses[i].status, #responses[i].body)
end
say("   (%d requests)", space_here:count() - before)

say "\n6. What goes wrong comes back as nil, message, detail:"
local nothing, message, detail = app:get "team-directory/profiles/me"
say("   %s, %q, kind %s, code %s, outcome %s", tostring(nothing), message, detail.kind, detail.code, detail.outcome)

app:close()
space_here:stop()

say "\n7. Every way to a token, each an example of its own, and on whose behalf it acts:"
local folder = arg and arg[0]:match "^(.*)/[^/]*$" or "examples"
for _, flow in ipairs { "client_credentials", "permanent_token", "authorization_code", "refresh_token", "login",
  "device_code", "password", "implicit" } do
  say("\n   examples/%s.lua", flow)
  dofile(("%s/%s.lua"):format(folder, flow))
end
say "\nDone."

-- Canaries: secrets that are easily known again, and a search for them in whatever a program or its log gets to see.

local airlock = require "airlock"
local core = require "airlock.core"
local keys = require "spec.support.keys"
local stage = require "spec.support.stage"

describe("secrets", function()
  after_each(stage.clear)

  -- All text in a value, keys and metatables' words included.
  local function words(value, into, seen)
    if type(value) == "string" then into[#into + 1] = value end
    if type(value) ~= "string" and value ~= nil then into[#into + 1] = tostring(value) end
    if type(value) ~= "table" or seen[value] then return into end
    seen[value] = true
    for key, each in pairs(value) do
      words(key, into, seen)
      words(each, into, seen)
    end
    return into
  end

  it("are in nothing that a program sees without asking for them by name [6750-04]", function()
    local space, heard, shown = stage.space(), {}, {}
    local canaries = {}
    local application = space.applications.web
    local function config(more)
      local made = { url = space.url, client_id = application.client_id, client_secret = application.client_secret,
        retries = 0, on_event = function(event) words(event, heard, {}) end }
      for name, value in pairs(more or {}) do made[name] = value end
      return made
    end
    canaries[#canaries + 1] = application.client_secret
    local function show(...)
      for i = 1, select("#", ...) do words((select(i, ...)), shown, {}) end
      words(debug.traceback(), shown, {})
    end
    -- Every call is made well, and then ill.
    local function use(session)
      show(session, session:info(), session:get "team-directory/profiles/me", session:request { url = "nowhere" })
      show(pcall(session.request, session, { url = "x", headers = { ["X\n"] = "1" } }))
      show(pcall(session.request, session, { url = "http://elsewhere.example/", json = {} }))
      for _, fault in ipairs {
        { path = "nothing", drop = true, times = 2 }, { path = "nothing", malformed = true },
          { path = "nothing", html = true },
        { path = "nothing", status = 401, times = 2, body = '{"error":"authentication-required"}' },
      } do
        space:clear_faults()
        space:fault(fault)
        show(session:get "nothing")
        local response = session:request { url = "nothing" }
        show(response, response and response.headers, response and response.url)
      end
      space:clear_faults()
      canaries[#canaries + 1] = session:token()
      space:advance(601)
      space:fault { path = "/oauth/token", status = 400, body = '{"error":"invalid_grant","error_description":"gone"}' }
      show(session:get "organization")
      space:clear_faults()
    end

    local client = airlock.space(config())
    local issued = space:issue { application = application, person = "bob.second", scope = "**", offline = true }
    canaries[#canaries + 1], canaries[#canaries + 2] = issued.access_token, issued.refresh_token
    use(client:refresh_token(issued.refresh_token))

    local permanent = space:permanent_token { person = space.people[1], scope = "**", name = "canary" }
    canaries[#canaries + 1] = permanent
    use(client:permanent_token(permanent))

    local login = client:authorization_code { scope = "**", redirect_uri = "http://127.0.0.1:1/callback",
      access_type = "offline" }
    local redirect = space:approve(login.url)
    canaries[#canaries + 1] = redirect:match "code=([^&]*)"
    show(login, login:save(), login:finish((redirect:gsub("state=", "state=x"))))
    local user = assert(login:finish(redirect))
    show(login:finish(redirect))
    use(user)
    show(user:logout())

    canaries[#canaries + 1] = "password-of-alice.first"
    use(assert(client:password { username = "alice.first", password = "password-of-alice.first", scope = "**",
      access_type = "offline" }))
    show(client:password { username = "nobody", password = "password-of-alice.first", scope = "**" })
    show(client:verify(canaries[2]))

    local service = space.applications.service
    canaries[#canaries + 1] = service.client_secret
    use(airlock.space(config { client_id = service.client_id,
      client_secret = function() return service.client_secret end }):client_credentials { scope = "**" })
    -- the keys that tokens are bound to: the program's own, and one that was drawn
    local function heart_of(pem) return (pem:match "\n(%S+)\n") end
    local store = stage.folder() .. "/tokens"
    for _, dpop in ipairs { { private_key = keys.pem "P-256" }, true } do
      local settings = { client_id = service.client_id, client_secret = service.client_secret, dpop = dpop,
        store = dpop == true and store or nil }
      use(airlock.space(config(settings)):client_credentials { scope = "**" })
      show(pcall(airlock.space, config { dpop = { private_key = keys.pem "P-256", alg = "RS256" } }))
    end
    local function record()
      return core.json.decode(stage.read(stage.shell("ls -d '" .. store
        .. "'/* | grep -E '/[0-9a-f]{64}$'"):match "%S+"))
    end
    canaries[#canaries + 1] = heart_of(keys.pem "P-256")
    canaries[#canaries + 1] = heart_of(record().dpop_key)
    local binding = airlock.space(config { dpop = { private_key = keys.pem "P-256" } }):authorization_code {
      scope = "**", redirect_uri = "http://127.0.0.1:1/callback" }
    show(binding, binding:save(), binding.url, require "airlock.store".list(store))

    show(pcall(airlock.space, config { client_secret = service.client_secret, timeout = "long" }))
    show(pcall(airlock.space, config { client_secret = service.client_secret, secret = "x" }))

    assert.is_true(#canaries > 8 and #shown > 200 and #heard > 10, ("%d %d %d"):format(#canaries, #shown, #heard))
    for _, text in ipairs { table.concat(shown, "\n"), table.concat(heard, "\n") } do
      for _, canary in ipairs(canaries) do
        assert.is_true(#canary > 10)
        assert.is_nil(text:find(canary, 1, true), "a secret is shown: " .. canary:sub(1, 12) .. "…")
      end
    end
  end)
end)

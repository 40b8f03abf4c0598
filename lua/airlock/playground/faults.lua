--- What can be broken on purpose. Each says where it fits, and has what it changes: `secret`, `scope`, `accept`,
--- `finish`, `after`.

local json = require "airlock.emulator.http.json"

local breakages = {}

local function with_state(redirect, state)
  return (redirect:gsub("([?&#]state=)[^&#]*", function(name) return name .. state end))
end

local function wrong_state(run, login, redirect)
  run:note("info", "The state in the redirect was replaced, as in a link that an attacker made.")
  return run:must(login:finish(with_state(redirect, ("x"):rep(43))))
end

-- A code that comes with a state and a verifier of another login: the library lets it through, as the state is right.
local function inject(run, redirect, other)
  run:note("info", "The code is handed in with another login's state, and so goes out with the verifier of that one.")
  return other:finish(with_state(redirect, other.state))
end

local function reuse(run, login, redirect, again)
  local session = run:must(login:finish(redirect))
  run:note("good", "The code was redeemed. Now the same redirect comes once more.")
  local _, message, detail = login:finish(redirect)
  run:failure(message, detail)
  _, message, detail = inject(run, redirect, again())
  run:failure(message, detail)
  run:note("info", "A code that comes twice was stolen by somebody: the server ends what came of it. Does the first "
    .. "token still work?")
  run:call(session, run.choice.path)
  run.stop()
end

local function push(run)
  run:expire(false)
  run:call(run.session, run.choice.path)
end

local function refuse(run, fault, told)
  run:remember("fault", { fault = fault, told = told })
  run.place:fault(fault)
end

local function limit(run)
  refuse(run, { path = "^/api/http/", rate_limited = true, retry_after = 1 },
    "here the emulator was told to refuse the next call with 429")
  run:note("info", "The next call is refused once, with Retry-After: 1.")
  run:call(run.session, run.choice.path)
  refuse(run, { path = "^/api/http/", rate_limited = true, times = 3 },
    "here the emulator was told to refuse the next three calls with 429")
  run:note("info", "The next call is refused three times; Airlock repeats it twice.")
  run:call(run.session, run.choice.path)
end

local with_redirect = { authorization_code = true, implicit = true }
local with_secret = { client_credentials = true, authorization_code = true, device_code = true, refresh_token = true,
  password = true }

-- Where a breakage fits: functions of the choice, the place and the way.
local function by_redirect(_, _, way) return with_redirect[way.name] end
local function by_code(_, _, way) return way.name == "authorization_code" end
local function by_user(_, _, way) return way.browser end
local function with_pkce(choice, _, way) return way.name == "authorization_code" and choice.pkce end
local function at_space(_, place) return place.logout ~= nil and place.access_type ~= nil end
local function at_emulator(_, place) return place.fault ~= nil end
local function expires(_, place, way) return place.advance ~= nil and way.name ~= "permanent_token" end

local function shows_secret(choice, place, way)
  return with_secret[way.name] and select(2, place:credentials(choice)) ~= nil
end

local list = {
  { name = "none", title = "Nothing", tells = "Everything goes as it should.", fits = function() return true end },
  { name = "wrong_state", title = "Wrong state", fits = by_redirect, finish = wrong_state,
    tells = "The redirect comes back with another state: it isn't the answer to this login." },
  { name = "reused_code", title = "Reused code", fits = by_code, finish = reuse,
    tells = "A code that was redeemed comes a second time." },
  { name = "wrong_verifier", title = "Wrong verifier", fits = with_pkce,
    tells = "A stolen code is put into somebody else's login: the verifier doesn't fit.",
    finish = function(run, _, redirect, again) return run:must(inject(run, redirect, again())) end },
  { name = "denied", title = "Access denied", fits = by_user, accept = false, tells = "The user presses Cancel." },
  { name = "wrong_secret", title = "Wrong secret", secret = function(secret) return "not-" .. secret end,
    fits = shows_secret, tells = "The application shows a secret that isn't its own." },
  { name = "narrowed_scope", title = "Narrowed scope", scope = "global:Profile.View", fits = at_space,
    tells = "The token may do less than the program tries: it may see profiles, and asks for absences.",
    after = function(run) run:call(run.session, "absences") end },
  { name = "expired_token", title = "Expired token", fits = expires, after = push,
    tells = "The server's clock is pushed beyond the token's life, and the program doesn't know." },
  { name = "rate_limited", title = "429", fits = at_emulator, after = limit,
    tells = "The API has had enough: it says Too Many Requests, once, and then for longer." },
}

for _, each in ipairs(list) do breakages[each.name] = each end

--- Those that fit what is chosen, as the page gets them.
---@param choice table
---@param place table
---@param way table
---@return table[]
function breakages.fitting(choice, place, way)
  local out = json.list()
  for _, each in ipairs(list) do
    if each.fits(choice, place, way) then
      out[#out + 1] = { name = each.name, title = each.title, tells = each.tells }
    end
  end
  return out
end

return breakages

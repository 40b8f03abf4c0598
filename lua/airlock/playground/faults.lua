--- What can be broken on purpose. Each says which ways it fits, and has what it changes: `secret`, `scope`, `accept`,
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
  run:must(run.place.advance, "Only the emulator's clock can be pushed.")
  run:expire(false)
  run:call(run.session, run.choice.path)
end

local function limit(run)
  run:must(run.place.fault, "Only the emulator can be told to refuse.")
  run:remember("remark", "here the emulator was told to refuse the next call with 429")
  run.place:fault { path = "^/api/http/", rate_limited = true, retry_after = 1 }
  run:note("info", "The next call is refused once, with Retry-After: 1.")
  run:call(run.session, run.choice.path)
  run:remember("remark", "here the emulator was told to refuse the next three calls with 429")
  run.place:fault { path = "^/api/http/", rate_limited = true, times = 3 }
  run:note("info", "The next call is refused three times; Airlock repeats it twice.")
  run:call(run.session, run.choice.path)
end

local list = {
  { name = "none", title = "Nothing", tells = "Everything goes as it should." },
  { name = "wrong_state", title = "Wrong state", ways = { "authorization_code", "implicit" }, finish = wrong_state,
    tells = "The redirect comes back with another state: it isn't the answer to this login." },
  { name = "reused_code", title = "Reused code", ways = { "authorization_code" }, finish = reuse,
    tells = "A code that was redeemed comes a second time." },
  { name = "wrong_verifier", title = "Wrong verifier", ways = { "authorization_code" }, pkce = true,
    tells = "A stolen code is put into somebody else's login: the verifier doesn't fit.",
    finish = function(run, _, redirect, again) return run:must(inject(run, redirect, again())) end },
  { name = "denied", title = "Access denied", ways = { "authorization_code", "implicit", "device_code" },
    accept = false, tells = "The user presses Cancel." },
  { name = "wrong_secret", title = "Wrong secret", secret = function(secret) return "not-" .. secret end,
    secret_only = true, tells = "The application shows a secret that isn't its own." },
  { name = "narrowed_scope", title = "Narrowed scope", scope = "global:Profile.View", space = true,
    tells = "The token may do less than the program tries: it may see profiles, and asks for absences.",
    after = function(run) run:call(run.session, "absences") end },
  { name = "expired_token", title = "Expired token", emulator = true, after = push,
    tells = "The server's clock is pushed beyond the token's life, and the program doesn't know." },
  { name = "rate_limited", title = "429", emulator = true, after = limit,
    tells = "The API has had enough: it says Too Many Requests, once, and then for longer." },
}

for _, each in ipairs(list) do
  if each.ways then json.list(each.ways) end
  breakages[each.name] = each
end

--- As the page gets them.
---@return table[]
function breakages.view()
  local out = json.list()
  for i, each in ipairs(list) do
    out[i] = { name = each.name, title = each.title, tells = each.tells, ways = each.ways,
      emulator = each.emulator or false,
      space = each.space or false, pkce = each.pkce or false, secret = each.secret_only or false }
  end
  return out
end

return breakages

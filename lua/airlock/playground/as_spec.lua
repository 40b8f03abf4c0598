--- A run as a busted spec with an emulator of its own, which passes when it is pasted.

local compat = require "airlock.compat"
local script = require "airlock.playground.script"

local as_spec = {}

local quote = script.quote_lua

-- As a call of a spec takes them: "{}" of nothing.
local function options(...)
  local words, values = script.options(...)
  return words ~= "" and words or "{}", values
end

-- The application of the emulator that the run is of; another server's has the place of the first.
local function application(run)
  return run.place.application and run.choice.application or 1
end

local function add(out, indent, line, ...)
  return out:add(("  "):rep(indent) .. line, ...)
end

local function add_client(out, run)
  local client_id, client_secret = run:credentials()
  add(out, 2, ("local application = space.applications[%d]"):format(application(run)))
  add(out, 2, "local client = airlock.space {")
  add(out, 3, "url = space.url, client_id = application.client_id,")
  if client_id and client_secret then
    add(out, 3, "client_secret = " .. (run.breakage.name == "wrong_secret" and '"not-" .. ' or "")
      .. "application.client_secret,")
  end
  if run.way.name == "device_code" then
    add(out, 3, 'device_authorization_endpoint = space.url .. "/oauth/device",')
  end
  add(out, 2, "}")
end

-- Where the login failed in the playground, it is to fail here, with the same code.
local function settle(out, run, call, values)
  values = values or {}
  if not run.code and run.breakage.name == "none" or run.session then
    return add(out, 2, "local session = assert(" .. call .. ")", compat.unpack(values))
  end
  add(out, 2, "local session, _, detail = " .. call, compat.unpack(values))
  add(out, 2, "assert.is_nil(session)")
  if run.code then add(out, 2, "assert.equal(<>, detail.code)", run.code)
  else add(out, 2, "assert.is_string(detail.code)") end
end

local function person(run)
  return run.choice.person ~= "" and run.choice.person or "alice.first"
end

local function begin(out, run, name, call)
  local words, values = options({ "scope", run:scope() }, { "redirect_uri", run.redirect_uri },
    { "access_type", run.choice.offline and name == "authorization_code" and run.place.access_type or nil })
  add(out, 2, ("local %s = client:%s %s"):format(call, name, words), compat.unpack(values))
end

local function alter(out, run, name)
  begin(out, run, name, "other")
  add(out, 2, "local altered = redirect:gsub('([?&#]state=)[^&#]*', '%1' .. other.state)")
end

-- What a breakage does to the redirect, and how the login ends then.
local broken = {
  wrong_state = function(out, run)
    add(out, 2, "redirect = redirect:gsub('([?&#]state=)[^&#]*', '%1' .. ('x'):rep(43))")
    settle(out, run, "login:finish(redirect)")
  end,
  wrong_verifier = function(out, run, name)
    alter(out, run, name)
    settle(out, run, "other:finish(altered)")
  end,
  reused_code = function(out, run, name)
    add(out, 2, "local session = assert(login:finish(redirect))")
    alter(out, run, name)
    add(out, 2, "local _, _, detail = other:finish(altered)")
    add(out, 2, 'assert.equal("invalid_grant", detail.code)')
  end,
}

local function by_redirect(name)
  return function(out, run)
    begin(out, run, name, "login")
    add(out, 2, ("local redirect = assert(space:approve(login.url, { person = <>%s }))")
      :format(run.breakage.name == "denied" and ", accept = false" or ""), person(run))
    local finish = broken[run.breakage.name]
    if finish then return finish(out, run, name) end
    settle(out, run, "login:finish(redirect)")
  end
end

local ways = {
  authorization_code = by_redirect "authorization_code", implicit = by_redirect "implicit",
  client_credentials = function(out, run)
    local words, values = options({ "scope", run:scope() })
    add(out, 2, "local session = client:client_credentials " .. words, compat.unpack(values))
  end,
  permanent_token = function(out, run)
    add(out, 2, "local token = space:permanent_token { application = application, scope = <> }",
      run:scope() or "**")
    add(out, 2, "local session = client:permanent_token(token)")
  end,
  refresh_token = function(out, run)
    add(out, 2, "local issued = space:issue { application = application, person = <>, scope = <>, offline = true }",
      person(run), not run.choice.narrow and run:scope() or "**")
    local words, values = options({ "scope", run.choice.narrow and run:scope() })
    add(out, 2, ("local session = client:refresh_token(issued.refresh_token, %s)"):format(words), values[1])
  end,
  password = function(out, run)
    local words, values = options({ "username", run.choice.username },
      { "password", script.secret(run.choice.password) }, { "scope", run:scope() },
      { "access_type", run.choice.offline and run.place.access_type or nil })
    settle(out, run, "client:password " .. words, values)
  end,
  device_code = function(out, run)
    local words, values = options({ "scope", run:scope() })
    add(out, 2, "local device = assert(client:device_code " .. words .. ")", compat.unpack(values))
    add(out, 2, ("space:enter_device_code(device.user_code, { person = <>%s })")
      :format(run.breakage.name == "denied" and ", accept = false" or ""), person(run))
    settle(out, run, "device:wait()")
  end,
}

local function table_of(fault)
  local words = {}
  for name, value in pairs(fault) do
    words[#words + 1] = ("%s = %s"):format(name, type(value) == "string" and quote(value) or tostring(value))
  end
  table.sort(words)
  return "{ " .. table.concat(words, ", ") .. " }"
end

local function check(out, call, act, ...)
  if not act.code then return add(out, 2, ("assert(%s)"):format(call), ...) end
  add(out, 2, ("assert.equal(<>, (select(3, %s)).code)"):format(call), act.code, ...)
end

local acts = {
  call = function(out, act) check(out, "session:get(<>)", act, act[2] ~= "" and act[2] or "organization") end,
  crowd = function(out, act)
    add(out, 2, "local paths, before = {}, space:count \"/oauth/token\"")
    add(out, 2, ("for i = 1, %d do paths[i] = <> end"):format(act[2][2]), act[2][1])
    add(out, 2, "assert.is_nil((select(2, session:all(paths))))")
    add(out, 2, 'assert.is_true(space:count "/oauth/token" - before <= 1)')
  end,
  refresh = function(out, act) check(out, "session:refresh()", act) end,
  logout = function(out, act) check(out, "session:logout()", act) end,
  revoke = function(out) add(out, 2, "space:revoke(session:token())") end,
  fault = function(out, act) add(out, 2, "space:fault " .. table_of(act[2].fault)) end,
  expire = function(out, act)
    add(out, 2, ("space:advance(%d)"):format(act[2][1]))
    if not act[2][2] then return end
    add(out, 2, ('require("airlock.core").advance(%d) -- Airlock\'s clock, too'):format(act[2][1]))
  end,
}

local lazy = { client_credentials = true, permanent_token = true, refresh_token = true }

-- A session that is lazy fails at its first request; another one wasn't there.
local function add_acts(out, run)
  local failed = not run.session and not run.left and (run.code ~= nil or run.breakage.name ~= "none")
  if failed and run.breakage.name ~= "reused_code" then
    if lazy[run.way.name] then
      acts.call(out, { "call", run.choice.path, code = run.code or "invalid_client" })
    end
    return
  end
  for _, act in ipairs(run:acted()) do acts[act[1]](out, act) end
end

--- Writes the spec.
---@param run table
---@return table script
function as_spec.write(run)
  local out = script.new(quote)
  out:add 'local airlock = require "airlock"':add 'local emulator = require "airlock.emulator"':add ""
  add(out, 0, "describe(<>, function()", run.way.title)
  add(out, 1, "local space"):add ""
  add(out, 1, "before_each(function() space = emulator.start { device_interval = 1 } end)")
  add(out, 1, "after_each(function() space:stop() end)"):add ""
  add(out, 1, "it(<>, function()", run.breakage.name == "none" and "works" or "fails: " .. run.breakage.title)
  add_client(out, run)
  ways[run.way.name](out, run)
  add_acts(out, run)
  return add(out, 1, "end)"):add "end)"
end

return as_spec

--- A run as a Lua program that does the same, and runs when it is pasted.

local compat = require "airlock.compat"
local remark = require "airlock.playground.remark"
local script = require "airlock.playground.script"

local as_lua = {}

local options = script.options

local function add_client(out, run)
  local made = run.place:made(run.way.name)
  local client_id, client_secret = run:credentials()
  out:add(made.first and ("local client = assert(" .. made.call .. "(<>, {") or "local client = " .. made.call .. " {",
    made.first)
  for _, pair in ipairs(made.fields) do out:add(("  %s = <>,"):format(pair[1]), pair[2]) end
  out:add("  client_id = <>,", client_id)
  if client_secret then out:add("  client_secret = <>,", script.secret(client_secret)) end
  out:add(made.first and "}))" or "}")
end

local function begin(out, run, name, call)
  local words, values = options({ "scope", run:scope() }, { "redirect_uri", run.redirect_uri },
    { "access_type", run.choice.offline and name == "authorization_code" and run.place.access_type or nil })
  out:add(("local %s = client:%s %s"):format(call, name, words), compat.unpack(values))
end

local function paste(out)
  out:add 'print("Open this page, and paste the address that the browser ends at:", login.url)'
  out:add "local redirect = io.read()"
end

-- What a breakage does to the redirect.
local broken = {
  wrong_state = function(out) out:add "redirect = redirect:gsub('([?&#]state=)[^&#]*', '%1' .. ('x'):rep(43))" end,
  wrong_verifier = function(out, run)
    begin(out, run, "authorization_code", "other")
    out:add "redirect = redirect:gsub('([?&#]state=)[^&#]*', '%1' .. other.state)"
    return "other"
  end,
  reused_code = function(out) out:add "assert(login:finish(redirect))" end,
}

local shorter = "-- A program at a terminal has it shorter: client:login opens the browser, and listens for the "
  .. "redirect itself."

local function by_redirect(name)
  return function(out, run)
    if name == "authorization_code" then out:add(shorter) end
    if name == "authorization_code" and not run.choice.pkce then
      out:add "-- With PKCE: Airlock never leaves it out."
    end
    begin(out, run, name, "login")
    paste(out)
    local alter = broken[run.breakage.name]
    out:add(("local session = assert(%s:finish(redirect))"):format(alter and alter(out, run) or "login"))
  end
end

local ways = {
  authorization_code = by_redirect "authorization_code", implicit = by_redirect "implicit",
  client_credentials = function(out, run)
    local words, values = options({ "scope", run:scope() })
    out:add("local session = client:client_credentials " .. (words == "" and "{}" or words), compat.unpack(values))
  end,
  permanent_token = function(out, run) out:add("local session = client:permanent_token <>",
    script.secret(run:given() or "")) end,
  refresh_token = function(out, run)
    local words, values = options({ "scope", run.choice.narrow and run:scope() })
    out:add("local session = client:refresh_token(<>" .. (words == "" and ")" or ", " .. words .. ")"),
      script.secret(run:given() or ""), values[1])
  end,
  password = function(out, run)
    local words, values = options({ "username", run.choice.username },
      { "password", script.secret(run.choice.password) }, { "scope", run:scope() },
      { "access_type", run.choice.offline and run.place.access_type or nil })
    out:add("local session = assert(client:password " .. words .. ")", compat.unpack(values))
  end,
  device_code = function(out, run)
    local words, values = options({ "scope", run:scope() })
    out:add("local device = assert(client:device_code " .. (words == "" and "{}" or words) .. ")",
      compat.unpack(values))
    out:add 'print("Enter " .. device.user_code .. " at " .. device.verification_uri)'
    out:add "local session = assert(device:wait())"
  end,
}

local acts = {
  call = function(out, path) out:add("show(session:get <>)", path) end,
  refresh = function(out) out:add "assert(session:refresh())" end,
  logout = function(out) out:add "assert(session:logout())" end,
  crowd = function(out, with)
    out:add("local paths = {}"):add(("for i = 1, %d do paths[i] = <> end"):format(with[2]), with[1])
    out:add "assert(select('#', session:all(paths)) == 1)"
  end,
  expire = function(out, with) out:add(remark.expire("--", with)) end,
  revoke = function(out) out:add(remark.revoke "--") end,
  fault = function(out, with) out:add("-- " .. with.told) end,
}

--- Writes the program.
---@param run table
---@return table script
function as_lua.write(run)
  local out = script.new(script.quote_lua)
  out:add('local airlock = require "airlock"'):add ""
  add_client(out, run)
  ways[run.way.name](out, run)
  out:add "":add "local function show(value, message, detail)"
  out:add "  if value == nil then return print(message, detail.kind, detail.code, detail.outcome) end"
  out:add "  for name, each in pairs(value) do print(name, each) end":add "end":add ""
  for _, act in ipairs(run:acted()) do acts[act[1]](out, act[2]) end
  return out
end

return as_lua

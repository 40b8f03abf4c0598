--- The public face as the code itself has it: what there is to call, which options each call takes, with which codes
--- the command ends. spec/guard/surface.txt holds it as it was before the house was put in order.

local surface = {}

local absent = "127.0.0.1:1" -- nobody is asked: an unknown option raises before

local function config()
  return {
    base_url = "http://" .. absent, token_endpoint = "http://" .. absent .. "/token", client_id = "c",
    client_secret = "s", authorization_endpoint = "http://" .. absent .. "/auth", issuer = "http://" .. absent,
    device_authorization_endpoint = "http://" .. absent .. "/device", jwks_uri = "http://" .. absent .. "/keys",
    revocation_endpoint = "http://" .. absent .. "/revoke", introspection_endpoint = "http://" .. absent .. "/what",
    redirect_uri = "http://127.0.0.1/callback",
  }
end

-- Calls with an option that there isn't: the mistake lists those that there are.
local function askers()
  local airlock = require "airlock"
  local client = airlock.client(config())
  local session = client:permanent_token "t"
  local asked = {
    ["airlock.client"] = function(unknown) airlock.client(unknown) end,
    ["airlock.client.dpop"] = function(unknown) airlock.client { dpop = unknown } end,
    ["airlock.emulator.start"] = function(unknown) require("airlock.emulator").start(unknown) end,
    ["airlock.playground.start"] = function(unknown) require("airlock.playground").start(unknown) end,
    ["session:request"] = function(unknown) session:request(unknown) end,
    ["client:refresh_token"] = function(unknown) client:refresh_token("r", unknown) end,
    ["client:verify"] = function(unknown) client:verify("a.b.c", unknown) end,
    ["client:introspect"] = function(unknown) client:introspect("t", unknown) end,
    ["client:revoke"] = function(unknown) client:revoke("t", unknown) end,
    ["authorization:finish"] = function(unknown) client:authorization_code():finish("?", unknown) end,
  }
  for _, name in ipairs { "client_credentials", "authorization_code", "implicit", "password", "device_code", "session",
    "login", "jwt_bearer", "token_exchange" } do
    asked["client:" .. name] = function(unknown) client[name](client, unknown) end
  end
  return asked
end

local function add_options(found)
  for whose, ask in pairs(askers()) do
    local ok, why = pcall(ask, { nothing_of_this_name = true })
    local list = not ok and tostring(why):match "%(it takes: ([^)]*)%)"
    assert(list, whose .. " lists no options: " .. tostring(why))
    for option in list:gmatch "[%w_]+" do found[("option %s %s"):format(whose, option)] = true end
  end
end

local function add_members(found, prefix, members)
  for name, value in pairs(members) do
    if type(name) == "string" and name:sub(1, 1) ~= "_" and type(value) == "function" then
      found["call " .. prefix .. name] = true
    end
  end
end

local modules = { "airlock", "airlock.store", "airlock.store.ngx", "airlock.emulator", "airlock.playground",
  "airlock.loop.poll", "airlock.loop.luv", "airlock.loop.cqueues", "airlock.loop.copas", "airlock.loop.ngx" }

--- Modules that can't be loaded here, for want of their host.
function surface.hostless()
  local missing = {}
  for _, name in ipairs(modules) do
    local ok, module = pcall(require, name)
    if not (ok and type(module) == "table") then missing[#missing + 1] = name end
  end
  return missing
end

local function add_calls(found)
  for _, name in ipairs(modules) do
    local ok, module = pcall(require, name)
    if ok and type(module) == "table" then
      found["module " .. name] = true
      add_members(found, name .. ".", module)
    end
  end
  for _, name in ipairs(require("airlock").providers()) do found["provider " .. name] = true end
  for class, methods in pairs(require("airlock.core").classes) do add_members(found, class .. ":", methods) end
end

local function methods_of(object)
  local index = getmetatable(object).__index
  return type(index) == "table" and index or assert(debug.getmetatable(object).methods)
end

local function add_objects(found)
  add_members(found, "device:", require("airlock.grant.device").methods)
  add_members(found, "response:", require("airlock.response").methods)
  add_members(found, "task:", methods_of(require("airlock.loop.poll").spawn(function() end)))
  for class, object in pairs { space = require("airlock.emulator").start(),
    page = require("airlock.playground").start(), process = require("airlock.emulator").spawn() } do
    add_members(found, class .. ":", methods_of(object))
    object:stop()
  end
end

local function add_command(found)
  for _, code in pairs(require "airlock.cli.outcome") do
    if type(code) == "number" then found["exit " .. code] = true end
  end
  for _, command in ipairs(require("airlock.cli").commands()) do
    found["command " .. command.name] = true
    for _, option in ipairs(command.options) do
      for _, name in ipairs(option) do found[("command %s %s"):format(command.name, name)] = true end
    end
  end
  for _, option in ipairs(require("airlock.cli.settings").options) do
    if option.env then found["environment " .. option.env] = true end
  end
end

--- Failure codes that a text of docs/failures.md tells of.
---@param text string
---@param found table<string, boolean>
function surface.codes(text, found)
  local kind
  for line in (text .. "\n"):gmatch "([^\n]*)\n" do
    if line:find "^## " then kind = line:match "^## (%l+):" end
    for code in (line:match "^|(.-[^\\])|" or line:match "^%- ([^:(]*)" or ""):gmatch "`([%l_]+)`" do
      if kind then found[("code %s/%s"):format(kind, code)] = true end
    end
  end
end

--- All of it.
---@return table<string, boolean>
function surface.today()
  local found = {}
  add_calls(found)
  add_objects(found)
  add_options(found)
  add_command(found)
  return found
end

return surface

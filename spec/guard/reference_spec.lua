-- docs/api, docs/internals.md and share/library: made of the docstrings, whole, and not stale. Every public name says
-- what it takes, in which unit, what comes back, how it fails and where it is from.

local airlock = require "airlock"
local core = require "airlock.core"
local emulator = require "airlock.emulator"
local lfs = require "lfs"
local stage = require "spec.support.stage"

local load = loadstring or load
local made = dofile "tools/reference.lua"

-- Methods that nobody is to call, and that no docstring tells of; each with its reason.
local untold = {
  authorization = { close = "__gc by another name", settings = "for other rooms" },
}

local function read(path) return assert(stage.read(path)) end

local function none(wrong, rule)
  table.sort(wrong)
  if #wrong > 0 then error(rule .. ":\n  " .. table.concat(wrong, "\n  "), 2) end
end

local function name_of(f)
  return f.say .. f.sep .. f.name
end

-- All functions that a page tells of; with `all`, those of the lower level, too.
local function functions(all)
  local list = {}
  for _, room in ipairs(made.rooms) do
    for _, part in ipairs(room.parts) do
      for _, f in ipairs(part.functions) do
        if all or not f.lower then list[#list + 1] = f end
      end
    end
  end
  return list
end

local function told()
  local names = {}
  for _, f in ipairs(functions(true)) do names[name_of(f)] = f end
  return names
end

-- The body of a Lua function that begins with this line.
local function body_of(f)
  local text = read(f.from)
  local from = assert(text:find("\n" .. f.code, 1, true), f.code)
  return text:sub(from + 1, (text:find("\nend\n", from, true)))
end

-- The options that a function takes, out of the mistake that it raises for one that it doesn't.
local function options_of(call)
  local ok, message = pcall(call, { ["no such option"] = 1 })
  assert.is_false(ok)
  local list = assert(tostring(message):match "%(it takes: (.-)%)", message)
  local names = {}
  for name in list:gmatch "[%w_]+" do names[name] = true end
  return names
end

local function differences(class, takes, wrong)
  local says = {}
  for _, f in ipairs(made.shapes[class].fields) do
    says[f.name] = true
    if not takes[f.name] then wrong[#wrong + 1] = ("%s: '%s' isn't taken"):format(class, f.name) end
  end
  for name in pairs(takes) do
    if not says[name] then wrong[#wrong + 1] = ("%s: '%s' isn't told"):format(class, name) end
  end
end

describe("reference", function()
  it("isn't stale: `make reference` makes it anew", function()
    assert.equal("", table.concat(made.stale, "\n"))
  end)

  it("tells of every function of the module and every method", function()
    local names, wrong = told(), {}
    for name, value in pairs(airlock) do
      if type(value) == "function" and not names["airlock." .. name] then wrong[#wrong + 1] = "airlock." .. name end
    end
    for class, methods in pairs(core.classes) do
      for name, value in pairs(methods) do
        local hidden = type(value) ~= "function" or name:sub(1, 1) == "_" or (untold[class] or {})[name]
        if not hidden and not names[class .. ":" .. name] then wrong[#wrong + 1] = class .. ":" .. name end
      end
    end
    none(wrong, "no docstring tells of")
  end)

  it("tells of nothing that isn't there", function()
    local wrong = {}
    for _, f in ipairs(functions(true)) do
      local class = core.classes[f.say]
      local module = ({ airlock = airlock, core = core })[f.say]
      local there = class and class[f.name] or module and module[f.name] or not class and not module
      if not there then wrong[#wrong + 1] = name_of(f) end
    end
    none(wrong, "docstrings without a function")
  end)

  it("says of each what it does, what it takes and what it gives", function()
    local wrong = {}
    for _, f in ipairs(functions()) do
      local names = {}
      for i, p in ipairs(f.params) do names[i] = p.name end
      if f.text == "" then wrong[#wrong + 1] = name_of(f) .. ": no words" end
      if f.parameters and table.concat(f.parameters, " ") ~= table.concat(names, " ") then
        wrong[#wrong + 1] = ("%s: it takes (%s), and its docstring says (%s)"):format(name_of(f),
          table.concat(f.parameters, " "), table.concat(names, " "))
      end
      if f.code and f.code:find "^function" then
        local gives = body_of(f):gsub("return end%f[%W]", ""):find "%f[%w]return%f[%W]"
        if (gives ~= nil) ~= (#f.returns > 0) then
          wrong[#wrong + 1] = name_of(f) .. (gives and ": no @return" or ": a @return too many")
        end
      end
    end
    none(wrong, "docstrings that aren't whole")
  end)

  it("says of each that waits how it fails, in codes that docs/failures.md has", function()
    local wrong, known = {}, { servers = true }
    for code in read "docs/failures.md":gmatch "`([%w_]+)`" do known[code] = true end
    for kind in read "docs/failures.md":gmatch "\n## (%l+):" do known[kind] = true end
    -- the server's own, of registrations (RFC 7591 section 3.2.2)
    for _, code in ipairs { "invalid_redirect_uri", "invalid_client_metadata" } do known[code] = true end
    for _, f in ipairs(functions()) do
      local last = f.returns[#f.returns]
      local fails = last and last.type == "airlock.failure?"
      if f.waits and not fails then wrong[#wrong + 1] = name_of(f) .. ": no failure" end
      if fails then
        if not last.text:find '"%l+"' and not last.text:find "as of `" then
          wrong[#wrong + 1] = name_of(f) .. ": no kind of failure"
        end
        for code in last.text:gmatch '"([%w_]+)"' do
          if not known[code] then
            wrong[#wrong + 1] = ("%s: '%s' isn't in docs/failures.md"):format(name_of(f), code)
          end
        end
      end
    end
    none(wrong, "failures that aren't told")
  end)

  it("says of each where it is from", function()
    local wrong = {}
    for _, f in ipairs(functions()) do
      if not f.source then wrong[#wrong + 1] = name_of(f) end
    end
    none(wrong, "no source")
  end)

  it("has exactly the options that are taken", function()
    local space = emulator.start()
    finally(function() space:stop() end)
    local config = { url = space.url, client_id = space.client_id, client_secret = space.client_secret,
      redirect_uri = "http://127.0.0.1/callback" }
    config.introspection_endpoint, config.revocation_endpoint = space.url .. "/oauth/introspect",
      space.url .. "/oauth/revoke"
    config.device_authorization_endpoint = space.url .. "/oauth/device"
    local client = airlock.space(config)
    local session = client:permanent_token "p"
    local wrong, checked = {}, {}
    local function check(class, call)
      checked[class] = true
      differences(class, options_of(call), wrong)
    end
    check("airlock.config", airlock.client)
    for _, name in ipairs { "client_credentials", "authorization_code", "implicit", "login", "password", "device_code",
      "session", "jwt_bearer", "token_exchange" } do
      check(("airlock.%s_options"):format(name), function(options) return client[name](client, options) end)
    end
    check("airlock.refresh_token_options", function(options) return client:refresh_token("r", options) end)
    check("airlock.verify_options", function(options) return client:verify("a.b.c", options) end)
    check("airlock.token_options", function(options) return client:introspect("t", options) end)
    check("airlock.token_options", function(options) return client:revoke("t", options) end)
    check("airlock.finish_options", function(options) return client:authorization_code():finish("?", options) end)
    check("airlock.save_options", function(options) return client:authorization_code():save(options) end)
    check("airlock.logout_url_options", function(options) return session:logout_url(options) end)
    check("airlock.id_token_options", function(options) return session:id_token(options) end)
    check("airlock.widen_options", function(options) return session:widen("x", options) end)
    check("airlock.request_options", function(options) return session:request(options) end)
    check("airlock.method_options", function(options) return session:get("x", nil, options) end)
    check("airlock.body_method_options", function(options) return session:post("x", nil, options) end)
    check("airlock.emulator.options", emulator.start)
    check("airlock.emulator.spawn_options", emulator.spawn)
    check("airlock.emulator.issue_options", function(options) return space:issue(options) end)
    check("airlock.emulator.permanent_options", function(options) return space:permanent_token(options) end)
    check("airlock.emulator.visit_options", function(options) return space:approve("/", options) end)
    check("airlock.emulator.fault", function(options) return space:fault(options) end)
    check("airlock.token_source_options", function(options) return client:token_source(print, options) end)
    check("airlock.event_options", function(options)
      return airlock.resource(space.url):events("", nil, options)
    end)
    check("airlock.playground_options", require("airlock.playground").start)
    differences("airlock.nginx_store_options", options_of(function() -- nginx alone can call it
      error((read "lua/airlock/store/ngx.lua":match "%(it takes: .-%)"))
    end), wrong)
    checked["airlock.nginx_store_options"] = true
    check("airlock.redis_store_options", require "airlock.store.redis")
    for name, shape in pairs(made.shapes) do
      if name:find "_options$" and not checked[name] then
        wrong[#wrong + 1] = shape.class .. ": nothing here takes it"
      end
    end
    none(wrong, "options")
  end)

  it("has the options of all profiles", function()
    local takes = {}
    for file in lfs.dir "lua/airlock/providers" do
      local profile = file:find "%.lua$" and file ~= "init.lua"
        and require("airlock.providers." .. file:gsub("%.lua$", ""))
      for option in pairs(profile and profile.options or {}) do takes[option] = option ~= "url" or nil end
    end
    local wrong = {}
    differences("airlock.provider_config", takes, wrong)
    none(wrong, "options of profiles")
  end)

  it("has exactly the events that there are", function()
    local takes, wrong = {}, {}
    local pipe = assert(io.popen('cat src/law/*.c src/wire/*.c src/door/*.c $(find lua/airlock -name "*.lua" '
      .. '! -path "*/emulator/*" ! -path "*/playground/*" ! -path "*/cli/*")'))
    for line in pipe:lines() do
      local name = line:match 'note%([^"]*"([%l_]+)"' or line:match 'event = "([%l_]+)"'
      if name then takes[name] = true end
    end
    pipe:close()
    local said = {}
    for _, value in ipairs(made.shapes["airlock.event_name"].values) do said[value.name] = true end
    for name in pairs(takes) do if not said[name] then wrong[#wrong + 1] = name .. " isn't told" end end
    for name in pairs(said) do if not takes[name] then wrong[#wrong + 1] = name .. " never comes" end end
    local guide = read "docs/events.md"
    for name in pairs(takes) do
      local row = "\n| `" .. name .. "` |"
      if not guide:find(row, 1, true) then wrong[#wrong + 1] = name .. " isn't in docs/events.md" end
    end
    none(wrong, "events")
  end)

  it("names no type that isn't defined, and explains each", function()
    local defined, wrong = {}, {}
    for name in pairs(made.shapes) do defined[name] = true end
    for _, room in ipairs(made.rooms) do
      for _, part in ipairs(room.parts) do
        for _, class in ipairs(part.classes) do defined[class.class] = true end
      end
    end
    for path, text in pairs(made.files) do
      for line in text:gmatch "%-%-%-@[%l]+ [^\n]*" do
        for name in line:gmatch "%f[%w_.]airlock%.[%w_%.]+" do
          local module = line:find "^%-%-%-@meta" or not line:find(name .. "%f[^%w_.]")
            or line:find("`" .. name, 1, true)
          if not module and path:find "^share/library/" and not defined[name:gsub("%.$", "")] then
            wrong[#wrong + 1] = path .. ": " .. name
          end
        end
      end
    end
    for _, shape in ipairs(made.list) do
      local name = shape.class or shape.alias
      if not made.where[name] then wrong[#wrong + 1] = name .. " is on no page" end
    end
    none(wrong, "types")
  end)

  it("says the numbers of src/ground/limits.h", function()
    local limits, guide = read "src/ground/limits.h", read "docs/configuration.md" .. read "docs/api/configuration.md"
    local wrong = {}
    local function number(name)
      local text = limits:match("#define " .. name .. "%s+(%b())")
        or assert(limits:match("#define " .. name .. "%s+(%d+)"), name)
      return assert(load("return " .. text:gsub("LL", "")))()
    end
    local function written(value, whole)
      if whole and value % 1048576 == 0 then return ("%d MiB"):format(value / 1048576) end
      if whole and value % 1024 == 0 then return ("%d KiB"):format(value / 1024) end
      return (("%d"):format(value):reverse():gsub("(%d%d%d)", "%1 "):reverse():gsub("^ ", ""))
    end
    for _, name in ipairs { "AL_MAX_TAP", "AL_MAX_TOKEN_REPLY", "AL_MAX_METADATA", "AL_MAX_HEADER_BYTES",
      "AL_MAX_RECORD", "AL_MAX_JWT", "AL_READER_CHUNK" } do
      if not guide:find(written(number(name), true), 1, true) then wrong[#wrong + 1] = name end
    end
    for _, name in ipairs { "AL_MAX_BODY", "AL_MAX_URL", "AL_MAX_SECRET", "AL_MAX_SCOPE", "AL_MAX_TIMEOUT_S",
      "AL_MAX_CLOCK_SKEW_S" } do
      if not guide:find(written(number(name)), 1, true) then wrong[#wrong + 1] = name end
    end
    local defaults = { timeout = number "AL_TIMEOUT_MS" / 1000, connect_timeout = number "AL_CONNECT_TIMEOUT_MS" / 1000,
      retries = number "AL_RETRIES", max_body = written(number "AL_MAX_BODY") }
    for _, f in ipairs(made.shapes["airlock.config"].fields) do
      local default = defaults[f.name]
      if default and not f.text:find("; " .. tostring(default):gsub("%.0$", ""), 1, true) then
        wrong[#wrong + 1] = f.name .. " in tools/reference/types/airlock.lua"
      end
    end
    none(wrong, "numbers that are others")
  end)

  it("is Lua, whichever reads it", function()
    for path, text in pairs(made.files) do
      if path:find "%.lua$" then assert.is_function(load(text, "@" .. path), path) end
    end
  end)

  it("is HTML, too, by LDoc, which has nothing to warn of", function()
    if stage.shell "command -v ldoc || true" == "" then return pending "ldoc isn't installed" end
    finally(stage.clear)
    local folder = stage.folder()
    made.ldoc(folder .. "/ldoc")
    local said = stage.shell(
      ("cd '%s/ldoc' && env -u LUA_PATH -u LUA_CPATH ldoc --fatalwarnings . 2>&1; echo status $?"):format(folder))
    assert.is_truthy(said:find "\nstatus 0", said)
    local html, wrong = stage.shell(("cat '%s'/html/*/*.html"):format(folder)), {}
    for _, f in ipairs(functions()) do
      if not html:find(('<a name = "%s%s"></a>'):format(f.whole and f.say or f.owner and f.owner ~= f.say
        and f.owner .. f.sep or "", f.name), 1, true)
        then wrong[#wrong + 1] = name_of(f) end
    end
    none(wrong, "no heading for")
  end)

  it("leads only to pages and headings that are there", function()
    local wrong = {}
    for path, text in pairs(made.files) do
      for link in text:gmatch "%]%(([^)#]*)" do
        local target = path:match "^.*/" .. link
        local file = path:find "%.md$" and io.open(target, "rb")
        if file then file:close() elseif path:find "%.md$" and link ~= "" then
          wrong[#wrong + 1] = path .. ": " .. link end
      end
    end
    none(wrong, "links")
  end)
end)

-- The public face: what the modules export, what the reference (docs/api) promises, and that requiring Airlock leaves
-- no trace in the globals. What isn't built or written yet is pending, not wrong.

local lfs = require "lfs"

local build = os.getenv "AIRLOCK_BUILD"
local interpreter = os.getenv "AIRLOCK_LUA"
local pages = "docs/api/*.md docs/internals.md" -- what is promised, and what is only told of

-- Objects whose methods lie in Lua, or in no class that Lua may look into: their pages are made from the code itself.
local of_lua = {
  device = true, guard = true, nginx_web = true, page = true, process = true, resource = true, response = true,
  space = true, task = true, token_call = true, web = true,
}

-- Public methods that a reader is not meant to call, by class; each with its reason.
local unmentioned = {
  -- names with a leading underscore are left out by themselves
  authorization = { close = "__gc by another name", settings = "for other rooms" },
}

local function read(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local text = file:read "*a"
  file:close()
  return text
end

local function all_pages()
  local texts, pipe = {}, assert(io.popen("ls " .. pages))
  for path in pipe:lines() do texts[#texts + 1] = assert(read(path)) end
  pipe:close()
  assert(#texts > 10)
  return table.concat(texts, "\n")
end

local function sorted(set)
  local list = {}
  for key in pairs(set) do list[#list + 1] = key end
  table.sort(list)
  return list
end

local function none(wrong, rule)
  table.sort(wrong)
  if #wrong > 0 then error(rule .. ":\n  " .. table.concat(wrong, "\n  "), 2) end
end

-- Modules of lua/airlock by name ("airlock.loop.luv"), and the .so ones.
local function modules()
  local found = {}
  local function walk(folder, prefix)
    if lfs.attributes(folder, "mode") ~= "directory" then return end
    for name in lfs.dir(folder) do
      local path = folder .. "/" .. name
      if name:sub(1, 1) ~= "." then
        if lfs.attributes(path, "mode") == "directory" then
          walk(path, prefix .. name .. ".")
        elseif name == "init.lua" then
          found[prefix:sub(1, -2)] = path
        elseif name:find "%.lua$" or name:find "%.so$" then
          found[prefix .. name:gsub("%.%w+$", "")] = path
        end
      end
    end
  end
  walk("lua/airlock", "airlock.")
  if build then walk(build .. "/airlock", "airlock.") end
  return found
end

-- What there is to call: "airlock.client", "session:get", …
local function existing()
  local names = {}
  local ok, airlock = pcall(require, "airlock")
  if ok then
    for key, value in pairs(airlock) do
      if type(key) == "string" and key:sub(1, 1) ~= "_" and type(value) == "function" then
        names["airlock." .. key] = true
      end
    end
  end
  for class, methods in pairs(require("airlock.core").classes or {}) do
    for key, value in pairs(methods) do
      local hidden = type(key) ~= "string" or key:sub(1, 1) == "_" or (unmentioned[class] or {})[key]
      if not hidden and type(value) == "function" then names[class .. ":" .. key] = true end
    end
  end
  return names
end

-- What the pages name in headings and at the beginning of items: `airlock.client(config)`, `session:get(path)`.
local function documented(text)
  local names = {}
  local fenced = false
  for line in (text .. "\n"):gmatch "([^\n]*)\n" do
    if line:find "^%s*```" then fenced = not fenced end
    local code = not fenced and (line:match "^#+%s+`([^`]+)`" or line:match "^%- `([^`]+%b())`")
    if code then
      local dotted = code:match "^(airlock%.[%w_%.]+)" or code:match "^require \"(airlock%.[%w_%.]+)\""
      local of, method = code:match "^(%l[%w_]*):([%a_][%w_]*)"
      if dotted then names[dotted] = true elseif of then names[of .. ":" .. method] = true end
    end
  end
  return names
end

-- Whether "airlock.loop.luv.spawn" leads somewhere: the longest part that is a module, then its fields. A module that
-- needs a host which isn't here counts by its file alone.
local function leads_somewhere(name, known)
  local module, rest = name, {}
  while module ~= "airlock" and not known[module] do
    local last
    module, last = module:match "^(.*)%.([%w_]+)$"
    table.insert(rest, 1, last)
  end
  local ok, value = pcall(require, module)
  if not ok then return known[module] ~= nil end
  for _, key in ipairs(rest) do
    if type(value) ~= "table" then return false end
    value = value[key]
  end
  return value ~= nil
end

describe("surface", function()
  it("exports one symbol a module, luaopen_airlock_<name>", function()
    if not build then pending "AIRLOCK_BUILD isn't set" end
    local seen = 0
    for name in lfs.dir(build .. "/airlock") do
      if name:find "%.so$" then
        local pipe = assert(io.popen(("nm -D --defined-only '%s/airlock/%s' 2>&1"):format(build, name)))
        local listing = pipe:read "*a"
        pipe:close()
        local symbols = {}
        for symbol in listing:gmatch "%x+ %a ([^\n]+)" do
          -- make coverage
          local counting = listing:find("__gcov_", 1, true) and (symbol:find "^__gcov_" or symbol == "mangle_path")
          if not counting then symbols[#symbols + 1] = symbol end
        end
        assert.same({ "luaopen_airlock_" .. name:gsub("%.so$", "") }, symbols, name)
        seen = seen + 1
      end
    end
    assert.is_true(seen > 0, "no module in " .. build)
  end)

  it("is documented in full", function()
    local told, wrong = documented(all_pages()), {}
    for _, name in ipairs(sorted(existing())) do
      if not told[name] then wrong[#wrong + 1] = name end
    end
    none(wrong, pages .. " don't name, in a heading or at the beginning of an item")
  end)

  it("has all that is documented", function()
    local there, known, wrong = existing(), modules(), {}
    local classes = require("airlock.core").classes or {}
    for _, name in ipairs(sorted(documented(all_pages()))) do
      local class, method = name:match "^([%w_]+):(.*)"
      local found
      if class then
        found = there[name] or (classes[class] or {})[method] or classes[class] == nil and of_lua[class]
      else
        found = there[name] or leads_somewhere(name, known)
      end
      if not found then wrong[#wrong + 1] = name end
    end
    none(wrong, pages .. " name what doesn't exist")
  end)

  -- In a fresh interpreter: requires every module, then compares the globals; `strict` raises at the first touch.
  local script = [[
local wanted, strict = {}, arg[1] == "strict"
for i = 2, #arg do wanted[#wanted + 1] = arg[i] end
-- what others do to the globals is theirs: their modules are loaded first
for _, name in ipairs { "cjson", "cjson.safe", "luv", "cqueues", "cqueues.condition", "copas", "socket" } do
  pcall(require, name)
end
local before = {}
for key, value in pairs(_G) do before[key] = value end
local touched = {}
local function note(_, key)
  touched[#touched + 1] = "global " .. tostring(key) .. " " .. (debug.traceback("", 2):match "airlock/[^\n]*" or "")
end
if strict then
  setmetatable(_G, { __index = note, __newindex = function(t, key, value) note(t, key) rawset(t, key, value) end })
end
for _, name in ipairs(wanted) do
  -- LuaJIT and 5.1 mark a module that failed while another required it, for want of a host that isn't here
  if type(package.loaded[name]) ~= "table" then package.loaded[name] = nil end
  local ok, message = pcall(require, name)
  -- the latter of one that is there, but lacks what it needs itself
  local absent = not ok and (tostring(message):match "module '([^']+)' not found"
    or tostring(message):match "previous error loading module '([^']+)'")
  if not ok and not (absent and not absent:find "^airlock") and not tostring(message):find "needs" then
    touched[#touched + 1] = "require '" .. name .. "': " .. tostring(message)
  end
end
setmetatable(_G, nil)
for key, value in pairs(_G) do
  if before[key] ~= value then touched[#touched + 1] = "global " .. tostring(key) .. " was set" end
end
for key in pairs(before) do
  if _G[key] == nil then touched[#touched + 1] = "global " .. tostring(key) .. " was removed" end
end
io.write(table.concat(touched, "\n"), "\n-- through --\n")
]]

  local function try_globals(mode)
    if not interpreter then pending "AIRLOCK_LUA isn't set" end
    local path = os.tmpname()
    local file = assert(io.open(path, "w"))
    file:write(script)
    file:close()
    local names = sorted(modules())
    local under = os.getenv "AIRLOCK_UNDER" or ""
    local pipe = assert(io.popen(("%s '%s' '%s' %s %s 2>&1"):format(under, interpreter, path, mode,
      table.concat(names, " "))))
    local out = pipe:read "*a"
    pipe:close()
    os.remove(path)
    assert.equal("\n-- through --\n", out)
  end

  it("sets no global", function() return try_globals "plain" end)
  it("doesn't even look for a global that isn't there", function() return try_globals "strict" end)

  it("has lost nothing that it had before the house was put in order", function()
    local surface = require "spec.support.surface"
    local there, known, hostless, wrong, n = surface.today(), modules(), {}, {}, 0
    surface.codes(read "docs/failures.md", there)
    for _, name in ipairs(surface.hostless()) do hostless[name] = known[name] end
    for line in read "spec/guard/surface.txt":gmatch "[^\n]+" do
      if line:sub(1, 1) ~= "#" then
        local module = line:match "^module (.*)" or line:match "^call (airlock%..*)%.[%w_]+$"
        n = n + 1
        -- what needs a host that isn't here counts by its file alone
        if not (there[line] or hostless[module or false]) then wrong[#wrong + 1] = line end
      end
    end
    assert.is_true(n > 450)
    none(wrong, "spec/guard/surface.txt has what is gone")
  end)

  it("has one version", function()
    local version = assert(assert(read "src/ground/version.h"):match '#define AIRLOCK_VERSION "([^"]+)"')
    local found = { ["airlock.core"] = require("airlock.core").version }
    for _, name in ipairs { "airlock", "airlock.server" } do
      if modules()[name] then found[name] = require(name).version or "none" end
    end
    local changes = read "CHANGELOG.md"
    if changes then found["CHANGELOG.md"] = changes:match "\n## %[?(%d[%w%.%-]*)" or "none" end
    for place, it_says in pairs(found) do assert.equal(version, it_says, place) end
  end)
end)

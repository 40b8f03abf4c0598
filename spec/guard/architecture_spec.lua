-- The plan of the house, checked on the sources themselves: which floor may include which, what is said in one place
-- only, how long a file may be, and that no state hides in the modules.

local lfs = require "lfs"

local most_lines, most_of_function, most_columns = 400, 60, 120

-- Circles of rooms that there may be, each with its reason. One that is no more has to go from here, too.
local circles = {
  ["door/opening door/scope door/session"] = "a session's methods that say what its next token is asked for with",
  ["law/credential law/reconcile"] = "parent and part: what a credential has of a store",
  ["server/exchange server/server"] = "parent and part: an exchange is one request of a server",
  ["wire/call wire/token_call"] = "a call waits for a token call, which wakes it and takes it along as its envoy",
  ["wire/callbacks wire/host_transport wire/http wire/transfer wire/watch"] =
    "parts of a transfer, which ends itself in its http",
}

-- The floors, and what each may include: ground < law < wire < door; entry, server and command stand beside door.
local floors = {
  ground = { "ground/" },
  law = { "ground/", "law/" },
  wire = { "ground/", "law/", "wire/" },
  door = { "ground/", "law/", "wire/", "door/" },
  entry = { "door/compat.h" },
  command = { "ground/version.h", "command/", "door/compat.h" },
  keyring = { "ground/", "door/compat.h" },
  redis = { "door/compat.h" },
  server = { "ground/", "server/", "door/compat.h", "door/options.h", "door/mistake.h", "door/failure.h" },
}

-- Foreign headers, and the only places that may include them.
local foreign = {
  { header = "^curl/", only = "^src/wire/" },
  { header = "^lua[%w]*%.h$", only = "^src/door/compat%.h$" },
  { header = "^lauxlib%.h$", only = "^src/door/compat%.h$" },
  { header = "^microhttpd%.h$", only = "^src/server/" },
  { header = "^libsecret/", only = "^src/keyring/" },
  { header = "^hiredis/", only = "^src/redis/" },
  { header = "^openssl/", only = "^src/ground/" },
}

-- Words, and the only places where code may say them. `where` is a pattern of paths; none: nowhere.
local words = {
  { word = "%f[%w_]LUA_VERSION_NUM%f[^%w_]", where = "^src/door/compat%.h$" },
  { word = "%f[%w_]LUAJIT_VERSION", where = "^src/door/compat%.h$" },
  { word = "cjson", strings = true, where = "^src/door/json%.c$" },
  { word = "AIRLOCK_VERSION%s+\"", strings = true, where = "^src/ground/version%.h$" },
  { word = "%f[%w_]abort%s*%(" },
  { word = "%f[%w_]_?exit%s*%(" },
  { word = "%f[%w_]v?printf%s*%(" },
  { word = "%f[%w_]f?puts%s*%(" },
  { word = "%f[%w_]putchar%s*%(" },
  { word = "%f[%w_]perror%s*%(" },
  { word = "%f[%w_]stdout%f[^%w_]" },
  { word = "%f[%w_]stderr%f[^%w_]" },
  -- the program's locale has a say in these, and none in the text of a protocol: ground/ascii.h, al_number_text
  { word = "%f[%w_]strn?casecmp%s*%(" },
  { word = "%f[%w_]to%l+er%s*%(" },
  { word = "%f[%w_]strto[dfl]d?%s*%(", where = "^src/ground/number%.c$" }, -- of text without a point
  { word = "%f[%w_]ato[fd]%s*%(" },
  { word = "%%[%d%.*]*[gGeE]%f[^%w]", strings = true, where = "^src/ground/number%.c$" }, -- whose point is left out
  { word = "%%%.[1-9]%d*f", strings = true },
}

-- Reads of a Lua text as a C string, which ends at a NUL: two accounts would be one. What a program says is read with
-- its length, or by al_word and its sisters. `files` has how many a file may have, and why.
local cut = {
  words = { "%f[%w_]lua_tostring%s*%(", "%f[%w_]luaL_checkstring%s*%(", "%f[%w_]luaL_optstring%s*%(",
    "lstring%s*%([^()]*,%s*NULL%s*%)" },
  files = {
    ["src/door/client.c"] = { 1, "User-Agent, judged before it was made a header line" },
    ["src/door/client_auth.c"] = { 1, "our list of ways, for a message" },
    ["src/door/host_transport.c"] = { 1, "words of the host for a failure's message" },
    ["src/door/json.c"] = { 1, "what the JSON library says of itself" },
    ["src/door/json_encode.c"] = { 3, "our words, for a message; a type's name" },
    ["src/door/json_place.c"] = { 1, "a path that was made here, with '?' for what can't be shown" },
    ["src/door/mistake.c"] = { 1, "the library's own folder" },
    ["src/door/opening.c"] = { 1, "judges a type, and reads nothing" },
    ["src/door/options.c"] = { 2, "an unknown option's name and our list, for a message" },
    ["src/door/request.c"] = { 1, "our words, for a message" },
    ["src/door/store.c"] = { 2, "a folder that was judged before" },
    ["src/redis/redis.c"] = { 1, "a host or a path from a URL that Lua has parsed" },
    ["src/server/lua_exchange.c"] = { 2, "what came from libmicrohttpd as C strings" },
    ["src/server/lua_headers.c"] = { 1, "makes text of a number, and doesn't read it" },
    ["src/server/lua_server.c"] = { 1, "a URL that was made here" },
  },
}

for _, name in ipairs { "alpha", "alnum", "digit", "xdigit", "space", "upper", "lower", "print", "punct", "cntrl" } do
  words[#words + 1] = { word = "%f[%w_]is" .. name .. "%s*%(" }
end

-- Variables that live as long as the process, by name; each with its reason. Everything else is const, or belongs to an
-- object.
local statics = {
  -- al_wire_ready = "libcurl is initialised once a process",
}

-- Not every file opens with a card; these say what they are in a line.
local cardless = { ["src/ground/version.h"] = "one line says it all" }

local function each_file(folder, pattern, visit)
  if lfs.attributes(folder, "mode") ~= "directory" then return end
  local names = {}
  for name in lfs.dir(folder) do names[#names + 1] = name end
  table.sort(names)
  for _, name in ipairs(names) do
    local path = folder .. "/" .. name
    if name:sub(1, 1) ~= "." then
      if lfs.attributes(path, "mode") == "directory" then each_file(path, pattern, visit)
      elseif name:find(pattern) then visit(path) end
    end
  end
end

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "*a"
  file:close()
  return text
end

-- The same text with comments blanked out, and strings and characters too unless they are kept; lines stay lines.
local function code_of(text, keep_strings)
  local out, at = {}, 1
  local function blank(s) return (s:gsub("[^\n]", " ")) end
  while at <= #text do
    local start = text:find("[/\"']", at)
    if not start then break end
    out[#out + 1] = text:sub(at, start - 1)
    local two = text:sub(start, start + 1)
    local stop
    if two == "/*" then
      stop = select(2, text:find("*/", start + 2, true)) or #text
      out[#out + 1] = blank(text:sub(start, stop))
    elseif two == "//" then
      stop = (text:find("\n", start, true) or #text + 1) - 1
      out[#out + 1] = blank(text:sub(start, stop))
    elseif two:sub(1, 1) == "/" then
      stop = start
      out[#out + 1] = "/"
    else
      local quote = two:sub(1, 1)
      stop = start
      repeat
        stop = stop + 1
        if text:sub(stop, stop) == "\\" then stop = stop + 2 end
      until stop >= #text or text:sub(stop, stop) == quote
      local inner = text:sub(start + 1, stop - 1)
      out[#out + 1] = quote .. (keep_strings and inner or blank(inner)) .. quote
    end
    at = stop + 1
  end
  out[#out + 1] = text:sub(at)
  return table.concat(out)
end

local function each_line(text)
  local n = 0
  return function(lines)
    local line = lines()
    if line then
      n = n + 1
      return line, n
    end
  end, (text:gsub("\n?$", "\n")):gmatch "([^\n]*)\n"
end

local sources = {}
each_file("src", "%.[ch]$", function(path) sources[#sources + 1] = { path = path, text = read(path) } end)

-- Which rooms each room includes: a header and its source are one.
local function rooms_of(files)
  local rooms = {}
  for _, source in ipairs(files) do
    local room = source.path:match "^src/(.*)%.[ch]$"
    rooms[room] = rooms[room] or {}
    for line in each_line(source.text) do
      local other = line:match '^%s*#%s*include%s*"([^"]+)%.h"'
      if other and other ~= room then rooms[room][other] = true end
    end
  end
  return rooms
end

local function reach(rooms, from)
  local seen, todo = {}, { from }
  while #todo > 0 do
    for room in pairs(rooms[table.remove(todo)] or {}) do
      if not seen[room] then seen[room], todo[#todo + 1] = true, room end
    end
  end
  return seen
end

-- Those that reach each other, as their names in order.
local function circles_of(rooms)
  local reached, list, listed = {}, {}, {}
  for room in pairs(rooms) do reached[room] = reach(rooms, room) end
  for room in pairs(rooms) do
    local circle = {}
    for other in pairs(reached[room]) do
      if reached[room][room] and reached[other] and reached[other][room] then circle[#circle + 1] = other end
    end
    table.sort(circle)
    local names = table.concat(circle, " ")
    if #circle > 1 and not listed[names] then list[#list + 1], listed[names] = names, true end
  end
  return list
end

local function none(wrong, rule)
  if #wrong > 0 then error(rule .. ":\n  " .. table.concat(wrong, "\n  "), 2) end
end

describe("architecture", function()
  it("has sources to look at", function() assert.is_true(#sources > 5) end)

  it("includes only downwards", function()
    local wrong = {}
    for _, source in ipairs(sources) do
      local floor = source.path:match "^src/(%w+)/"
      local allowed = assert(floors[floor], source.path .. " is on no known floor")
      for line, n in each_line(source.text) do
        local header = line:match '^%s*#%s*include%s*"([^"]+)"'
        local fits = not header
        for _, prefix in ipairs(allowed) do
          if header and header:sub(1, #prefix) == prefix then fits = true end
        end
        if not fits then wrong[#wrong + 1] = ("%s:%d includes %s"):format(source.path, n, header) end
      end
    end
    none(wrong, "ground < law < wire < door; server beside door")
  end)

  it("keeps foreign headers to their places", function()
    local wrong = {}
    for _, source in ipairs(sources) do
      for line, n in each_line(source.text) do
        local header = line:match "^%s*#%s*include%s*<([^>]+)>"
        for _, rule in ipairs(foreign) do
          if header and header:find(rule.header) and not source.path:find(rule.only) then
            wrong[#wrong + 1] = ("%s:%d includes <%s>"):format(source.path, n, header)
          end
        end
      end
    end
    none(wrong, "a library has one floor that knows it")
  end)

  it("says some words in one place only", function()
    local wrong = {}
    for _, source in ipairs(sources) do
      local bare, full = code_of(source.text), code_of(source.text, true)
      for _, rule in ipairs(words) do
        for line, n in each_line(rule.strings and full or bare) do
          local found = line:match(rule.word)
          if found and not (rule.where and source.path:find(rule.where)) then
            wrong[#wrong + 1] = ("%s:%d says %s"):format(source.path, n, found)
          end
        end
      end
    end
    none(wrong, "one door each; nothing in src prints, exits or aborts")
  end)

  it("reads no program's text as a C string", function()
    local wrong = {}
    for _, source in ipairs(sources) do
      local allowed, found = (cut.files[source.path] or { 0 })[1], {}
      for line, n in each_line(code_of(source.text)) do
        for _, word in ipairs(cut.words) do
          for match in line:gmatch(word) do
            found[#found + 1] = ("%s:%d says %s"):format(source.path, n, match)
          end
        end
      end
      if #found > allowed then wrong[#wrong + 1] = table.concat(found, "\n  ") end
    end
    none(wrong, "read with a length, or by al_word: a NUL ends a C string, but no text of Lua's")
  end)

  it("keeps every limit and default in ground/limits.h", function()
    local wrong = {}
    for _, source in ipairs(sources) do
      if source.path ~= "src/ground/limits.h" then
        for line, n in each_line(code_of(source.text)) do
          local name, value = line:match "^%s*#%s*define%s+(AL_[%w_]+)%s+(.*)"
          if name and (name:find "^AL_MAX_" or value:find "^[%(%s]*%-?%d[%w%s%*%+%-%(%)/]*$") then
            wrong[#wrong + 1] = ("%s:%d defines %s"):format(source.path, n, name)
          end
        end
      end
    end
    none(wrong, "ground/limits.h is the one list of limits")
  end)

  it("keeps files short", function()
    local wrong = {}
    local function measure(path)
      local _, n = read(path):gsub("\n", "")
      if n > most_lines then wrong[#wrong + 1] = ("%s has %d lines"):format(path, n) end
    end
    for _, source in ipairs(sources) do measure(source.path) end
    each_file("lua", "%.lua$", measure)
    none(wrong, ("two rooms past %d lines"):format(most_lines))
  end)

  it("names specs that there are", function()
    local wrong = {}
    for _, source in ipairs(sources) do
      for path in source.text:gmatch "%f[%w/]spec/[%w_/]+%.%w+" do
        if not lfs.attributes(path, "mode") then wrong[#wrong + 1] = ("%s names %s"):format(source.path, path) end
      end
    end
    none(wrong, "whoever changes a room must find what proves it")
  end)

  it("names on a room's card the test of its name", function()
    local wrong = {}
    each_file("spec/c", "_test%.c$", function(path)
      local room, checked = path:match "([%w_]+)_test%.c$", false
      for _, floor in ipairs { "ground", "law", "wire" } do -- these tests have no Lua, and so no door
        local header = ("src/%s/%s.h"):format(floor, room)
        if lfs.attributes(header, "mode") and not checked then
          checked = true
          local line = (read(header):match "^/%*\n(.-)%*/" or ""):match "\n %* spec +· ([^\n]*)" or ""
          if not line:find(path, 1, true) then wrong[#wrong + 1] = ("%s doesn't name %s"):format(header, path) end
        end
      end
    end)
    none(wrong, "a card's line 'spec' says what proves the room")
  end)

  it("has no circle of rooms but those with a reason", function()
    local wrong, found = {}, {}
    for _, circle in ipairs(circles_of(rooms_of(sources))) do
      found[circle] = true
      if not circles[circle] then wrong[#wrong + 1] = circle end
    end
    for circle in pairs(circles) do
      if not found[circle] then wrong[#wrong + 1] = circle .. ": is no circle any more" end
    end
    none(wrong, "of two rooms one knows the other")
  end)

  it("keeps functions short", function()
    local wrong = {}
    for _, source in ipairs(sources) do
      local began, name
      for line, n in each_line(code_of(source.text)) do
        if line:find "^%w.*%) {$" then began, name = n, line:match "([%w_]+) %(" end
        if began and line == "}" then
          if n - began + 1 > most_of_function then
            wrong[#wrong + 1] = ("%s:%d %s has %d lines"):format(source.path, began, name, n - began + 1)
          end
          began = nil
        end
      end
    end
    none(wrong, ("two functions past %d lines"):format(most_of_function))
  end)

  it("keeps lines of C narrow", function()
    local wrong = {}
    for _, source in ipairs(sources) do
      for line, n in each_line(source.text) do
        local columns = select(2, line:gsub("[^\128-\191]", "")) -- characters, not bytes
        if columns > most_columns then wrong[#wrong + 1] = ("%s:%d has %d columns"):format(source.path, n, columns) end
      end
    end
    none(wrong, ("no line past %d columns"):format(most_columns))
  end)

  it("opens each header with the room's card", function()
    local wrong = {}
    for _, source in ipairs(sources) do
      if source.path:find "%.h$" and not cardless[source.path] then
        local card = source.text:match "^/%*\n(.-)%*/" or ""
        local room = source.path:match "([%w_]+)%.h$"
        local named = card:find("^ %* " .. room .. " +· %S")
        if not (named and card:find "\n %* knows +· %S") then wrong[#wrong + 1] = source.path end
      end
    end
    none(wrong, "a header opens with ' * room · its purpose', then ' * knows · …'")
  end)

  it("makes failures in one place, in Lua, too", function()
    local wrong = {}
    local kinds = { oauth = true, http = true, network = true, store = true, state = true, cancelled = true }
    each_file("lua/airlock", "%.lua$", function(path)
      -- the emulator and the playground don't give failures: they make servers' answers, and show those of others
      if path:find "^lua/airlock/emulator/" or path:find "^lua/airlock/playground/" then return end
      for line, n in each_line(read(path)) do
        local kind = line:gsub("%-%-.*", ""):match '%f[%w_]kind%s*=%s*["\'](%w+)["\']'
        if kinds[kind] then wrong[#wrong + 1] = ("%s:%d makes a failure of kind %s"):format(path, n, kind) end
      end
    end)
    none(wrong, "lua/airlock/failure.lua is the one maker of failures in Lua")
  end)

  it("names the spec that holds it in each Lua file of the library", function()
    local wrong, n = {}, 0
    each_file("lua/airlock", "%.lua$", function(path)
      local room = path:match "^lua/airlock/(.*)%.lua$"
      -- parts of programs, held by the specs of spec/emulator, spec/playground and spec/command; and data
      local whole = room:match "^(%l+)/"
      if whole == "emulator" or whole == "playground" or whole == "cli" or room:find "^providers/[^i]" then return end
      local spec = read(path):match "\n\n%-%- spec: (spec/[%w_/]+_spec%.lua)\n"
      n = n + 1
      if not (spec and lfs.attributes(spec, "mode")) then wrong[#wrong + 1] = path end
    end)
    assert.is_true(n > 40)
    none(wrong, "below the opening comment stands '-- spec: ' and a spec that there is")
  end)

  it("opens each Lua file with what it is for", function()
    local wrong = {}
    each_file("lua", "%.lua$", function(path)
      if not read(path):find "^%-%-+ ?%[?%[?%s*%S" and not read(path):find "^#![^\n]*\n%-%-" then
        wrong[#wrong + 1] = path
      end
    end)
    none(wrong, "a Lua file's first line is a comment that says its purpose")
  end)

  describe("of the modules as built", function()
    local build = os.getenv "AIRLOCK_BUILD"

    it("holds no variables outside of objects", function()
      if not build then pending "AIRLOCK_BUILD isn't set" end
      local wrong = {}
      each_file(build .. "/airlock", "%.so$", function(path)
        local pipe = assert(io.popen("objdump -t '" .. path .. "' 2>&1"))
        local listing = pipe:read "*a"
        pipe:close()
        assert.is_truthy(listing:find "SYMBOL TABLE", listing)
        if listing:find "__asan_" or listing:find "__gcov_" then return end -- these add their own
        for line in listing:gmatch "[^\n]+" do
          local section, name = line:match "^%x+ .......%s+(%.%S+)%s+%x+%s+(%S.*)$"
          name = name and name:gsub("^%.hidden ", "")
          local data = section == ".data" or section == ".bss" or section == ".tdata" or section == ".tbss"
          local linker = data and (name:find "^completed%.?%d*$" or name:find "^_" or name:find "^%.")
          if data and not linker and not statics[name:gsub("%.%d+$", "")] then
            wrong[#wrong + 1] = ("%s: %s in %s"):format(path:match "[^/]+$", name, section)
          end
        end
      end)
      none(wrong, "state belongs to an object of its Lua, not to the process")
    end)
  end)
end)

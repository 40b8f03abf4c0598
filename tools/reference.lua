-- reference: makes of the docstrings in the sources: docs/api, a page for each room of the public face;
-- docs/internals.md, what isn't promised; and share/library, the definitions that lua-language-server reads.
--   lua5.4 tools/reference.lua            writes them; run by `make reference`, which lets it find Airlock
--   lua5.4 tools/reference.lua ldoc DIR   writes sources for LDoc there; run by `make html`
--   dofile "tools/reference.lua"          for specs: gives { files = { path = text }, rooms, shapes, stale = { … } }
-- and writes nothing

local docstrings = dofile "tools/reference/docstrings.lua"
local definitions = dofile "tools/reference/definitions.lua"
local markdown = dofile "tools/reference/markdown.lua"

-- The shapes of tables, which no code makes: by the source, what it becomes.
local shapes_in = {
  { "tools/reference/types/airlock.lua", "share/library/airlock/types.lua" },
  { "tools/reference/types/emulator.lua", "share/library/airlock/emulator/types.lua" },
}

-- A part is a source, or several that make one class. `module`: what a program requires. `say`: what stands for an
-- object in headings. `own`: the page that says where it comes from, for what is of Airlock's own making. `lower`: what
-- of it isn't for programs; true: all.
-- what a loop is made of, for Airlock's own files
local of_loops = { mine = true, park = true, unpark = true, gather = true, carry = true }

-- All files of the floor that Lua sees: a method's docstring may stand in any of them.
local function files_of(folder)
  local list, pipe = {}, assert(io.popen(("ls '%s'"):format(folder)))
  for name in pipe:lines() do
    if name:find "%.c$" then list[#list + 1] = folder .. "/" .. name end
  end
  pipe:close()
  return list
end

local door = files_of "src/door"

local rooms = {
  { page = "airlock", title = "The module", { files = { "lua/airlock/init.lua" }, module = "airlock" } },
  { page = "configuration", title = "Configuration",
    about = "The parts of a client. The rules that hold for several options are in docs/configuration.md.",
    shapes = { "airlock.config", "airlock.client_auth", "airlock.dpop", "airlock.provider_config",
      "airlock.registration_config" } },
  { page = "client", title = "Client",
    { files = { "lua/airlock/client.lua", "lua/airlock/grant/init.lua", "lua/airlock/client/server.lua",
      "src/door/client.c" }, say = "client" } },
  { page = "authorization", title = "Authorization and device",
    about = "A user's login that waits: for the redirect of the browser, or for a code that is entered elsewhere.",
    { files = { "lua/airlock/grant/authorization.lua", "src/door/authorization.c" }, say = "authorization" },
    { files = { "lua/airlock/grant/device.lua" }, say = "device" } },
  { page = "session", title = "Session", shapes = { "airlock.part", "airlock.session_facts" },
    { files = { "lua/airlock/session/init.lua", "lua/airlock/session/request.lua", "lua/airlock/session/token.lua",
      "lua/airlock/session/login.lua", "lua/airlock/session/scope.lua", "src/door/session.c",
      "src/door/opening.c" }, say = "session" } },
  { page = "response", title = "Response", { files = { "lua/airlock/response.lua" }, say = "response" } },
  { page = "json", title = "JSON",
    { files = { "lua/airlock/json.lua" }, module = "airlock.json", own = "../json.md" } },
  { page = "source", title = "Sources of tokens", shapes = { "airlock.token_source", "airlock.token_source_options" },
    { files = { "lua/airlock/source/init.lua" }, module = "airlock.source", own = "../sources.md" } },
  { page = "web", title = "Web login", shapes = { "airlock.web_config", "airlock.web_response", "airlock.web_user" },
    { files = { "lua/airlock/web/init.lua" }, say = "web", own = "../web.md" },
    { files = { "lua/airlock/web/ngx.lua" }, say = "nginx_web", own = "../web.md" } },
  { page = "resource", title = "Protected resource",
    about = "What `airlock.resource` gives: requests to an API of which only the address is known.",
    shapes = { "airlock.resource_config", "airlock.event_options", "airlock.stream_event" },
    { files = { "lua/airlock/resource/init.lua" }, say = "resource", own = "../resource.md" } },
  { page = "guard", title = "Guard",
    about = "What `airlock.guard` gives: the check of tokens that others show. Its guide is docs/guard.md.",
    shapes = { "airlock.guard_config", "airlock.guard_dpop", "airlock.guard_request", "airlock.claims",
      "airlock.nginx_guard_config" },
    { files = { "lua/airlock/guard/init.lua", "lua/airlock/guard/nginx.lua" }, say = "guard", own = "../guard.md" },
    { files = { "lua/airlock/guard/ngx.lua" }, module = "airlock.guard.ngx", own = "../guard.md" } },
  { page = "failures", title = "Failures and events",
    about = "The result of a call that failed, and the events of `on_event`. Each code is in docs/failures.md; "
      .. "docs/events.md says when events come.",
    shapes = { "airlock.failure", "airlock.challenge", "airlock.event", "airlock.event_name" } },
  { page = "store", title = "Store", shapes = { "airlock.record", "airlock.folder_store", "airlock.store_functions" },
    { files = { "lua/airlock/store.lua" }, module = "airlock.store", own = "../store.md" },
    { files = { "lua/airlock/store/ngx.lua" }, module = "airlock.store.ngx", own = "../nginx.md" },
    { files = { "lua/airlock/store/redis.lua" }, module = "airlock.store.redis", own = "../store.md" } },
  { page = "loops", title = "Loops",
    about = "The coroutines that calls may wait in. docs/hosts.md says which loop fits which host.",
    shapes = { "airlock.loop", "airlock.pollable" },
    { files = { "lua/airlock/loop/init.lua" }, module = "airlock.loop", own = "../hosts.md" },
    { files = { "lua/airlock/loop/poll.lua" }, module = "airlock.loop.poll", lower = of_loops, own = "../hosts.md" },
    { files = { "lua/airlock/loop/luv/init.lua" }, module = "airlock.loop.luv", lower = of_loops, own = "../hosts.md" },
    { files = { "lua/airlock/loop/cqueues.lua" }, module = "airlock.loop.cqueues", lower = of_loops,
      own = "../hosts.md" },
    { files = { "lua/airlock/loop/copas.lua" }, module = "airlock.loop.copas", lower = of_loops, own = "../hosts.md" },
    { files = { "lua/airlock/loop/ngx/init.lua" }, module = "airlock.loop.ngx", lower = of_loops, own = "../nginx.md" },
    { files = { "lua/airlock/loop/task.lua" }, say = "task", own = "../hosts.md" } },
  { page = "internals", lower = true, -- docs/internals.md, with what the other rooms have for Airlock's own files
    { files = door, say = "call", lower = true },
    { files = door, say = "token_call", lower = true },
    { files = { "lua/airlock/call.lua" }, module = "airlock.call", lower = true },
    { files = { "lua/airlock/loop/wait.lua" }, module = "airlock.loop.wait", lower = true },
    { files = { "lua/airlock/progress.lua" }, module = "airlock.progress", lower = true },
    { files = { "lua/airlock/loop/ngx/cosocket.lua" }, module = "airlock.loop.ngx.cosocket", lower = true },
    { files = door, say = "core", lower = true } },
  { page = "emulator", title = "Emulator",
    about = "A JetBrains Space that runs here, for specs and for trying things out. Its guide is docs/emulator.md.",
    shapes = { "airlock.emulator.options", "airlock.emulator.application", "airlock.emulator.person",
      "airlock.emulator.fault", "airlock.emulator.entry" },
    { files = { "lua/airlock/emulator/init.lua" }, module = "airlock.emulator", say = "space", own = "../emulator.md" },
    { files = { "lua/airlock/emulator/process.lua" }, say = "process", own = "../emulator.md" } },
  { page = "playground", title = "Playground",
    { files = { "lua/airlock/playground/init.lua" }, module = "airlock.playground", say = "page",
      own = "../playground.md" } },
}

local function read(path)
  local file = assert(io.open(path, "rb"))
  local text = file:read "*a"
  file:close()
  return text
end

local function append(list, more)
  for _, each in ipairs(more) do list[#list + 1] = each end
end

-- The methods that take a final callback, by class.
local function waiting()
  local by_class = {}
  for class, names in pairs(require("airlock.loop.callback").waiting) do
    by_class["airlock." .. class] = {}
    for _, name in ipairs(names) do by_class["airlock." .. class][name] = true end
  end
  return by_class
end

-- What the docstrings of a part's sources say. A function of another class than the part's isn't its own.
local function gather(part, waits)
  part.classes, part.functions = {}, {}
  local owners = {}
  for _, path in ipairs(part.files) do
    local found = path:find "%.c$" and docstrings.c(read(path)) or docstrings.lua(read(path))
    for _, class in ipairs(found.classes) do
      if class.var then owners[class.var] = class.class end
    end
    part.about = part.about or found.about
    append(part.classes, found.classes)
    for _, f in ipairs(found.functions) do
      f.owner = f.class or owners[f.var]
      f.waits = found.waiting[f.name] or f.owner and waits[f.owner] and waits[f.owner][f.name]
      f.source, f.from = f.see and f.see.text or part.own and ("[%s](%s)"):format(part.own:match "[^/]+$", part.own),
        path
      local own = part.module and (f.whole or f.var == found.module)
      f.say = own and part.module or f.owner == "airlock." .. (part.say or "") and part.say or f.owner and part.say
      local told = own or f.owner and (not f.class or f.owner == "airlock." .. (part.say or ""))
      f.sep = f.sep or own and "." or ":"
      f.lower = f.lower or part.lower and (part.lower == true or part.lower[f.name])
      if told and not f.package and f.name:sub(1, 1) ~= "_" then part.functions[#part.functions + 1] = f end
    end
  end
end

local function read_shapes()
  local shapes, list = {}, {}
  for _, shape in ipairs(shapes_in) do
    local found = docstrings.lua(read(shape[1]))
    for _, class in ipairs(found.classes) do shapes[class.class], list[#list + 1] = class, class end
    for _, alias in ipairs(found.aliases) do shapes[alias.alias], list[#list + 1] = alias, alias end
  end
  return shapes, list
end

-- Which page explains a class: that of its room; for options, that of the function that takes them.
local function places(shapes)
  local where = {}
  for _, room in ipairs(rooms) do
    for _, name in ipairs(room.shapes or {}) do where[name] = ("%s.md#%s"):format(room.page, markdown.anchor(name)) end
  end
  for _, room in ipairs(rooms) do
    for _, part in ipairs(room.parts) do
      for _, class in ipairs(part.classes) do where[class.class] = room.page .. ".md" end
      for _, f in ipairs(part.functions) do
        for _, p in ipairs(f.params) do
          if shapes[p.type] and not where[p.type] then
            where[p.type], shapes[p.type].inline = room.page .. ".md", true
          end
        end
      end
    end
  end
  return where
end

local index_head = [[
# Reference

The public face: every function, method, option and field, by room. Each says what it takes, in which unit, what it
gives, how it fails, and from which RFC section or page it is. The guides hold what goes beyond one name:
[configuration](../configuration.md), [providers](../providers.md), [events](../events.md), [failures](../failures.md),
[store](../store.md), [hosts](../hosts.md). Names of Airlock's own files are in [internals](../internals.md).

Made by `make reference` from the docstrings in the sources, as are the definitions for lua-language-server.
[Configuration](../configuration.md#editors) says how an editor finds those.

Four rules hold throughout:

- Times are in seconds and may have a fraction; sizes are in bytes. `math.huge` means "no limit" where the text says so.
- The world's failures come back as `nil, message, detail`. The programmer's mistakes raise: an unknown option, a wrong
  type, a value out of range, `http://` to another machine. The message names the option and the line of your program.
- A method that waits takes a final callback, too: `session:get(path, function(result, message, detail) … end)`. See
  [hosts](../hosts.md#callbacks).
- A table of options is read when it is given, and never changed. An unknown name in it raises.
]]

local function index()
  local out = { index_head }
  for _, room in ipairs(rooms) do
    local names = {}
    for _, part in ipairs(room.parts) do
      for _, f in ipairs(part.functions) do
        if not f.lower then names[#names + 1] = ("`%s%s%s`"):format(f.say, f.sep, f.name) end
      end
    end
    local list = #names > 0 and ": " .. table.concat(names, ", ") or ""
    if not room.lower then
      out[#out + 1] = markdown.fill(("- [%s](%s.md)%s"):format(room.title, room.page, list), "  ")
    end
  end
  return table.concat(out, "\n") .. "\n"
end

local function read_rooms()
  local waits = waiting()
  for _, room in ipairs(rooms) do
    room.parts = {}
    for i, part in ipairs(room) do
      room.parts[i] = part
      gather(part, waits)
      part.heading = #room > 1 and (part.module or part.say) or nil
    end
    room.about = room.about or room.parts[1].classes[1] and room.parts[1].classes[1].text or room.parts[1].about
  end
  return waits
end

local function make()
  local shapes, list = read_shapes()
  local waits = read_rooms()
  local where = places(shapes)
  local files = { ["docs/api/README.md"] = index(), ["docs/internals.md"] = markdown.internals(rooms) }
  for _, room in ipairs(rooms) do
    if not room.lower then files["docs/api/" .. room.page .. ".md"] = markdown.page(room, shapes, where) end
    for _, part in ipairs(room.lower and {} or room.parts) do
      files[part.files[1]:gsub("^lua/", "share/library/"):gsub("/init%.lua$", ".lua")] = definitions.text(part)
    end
  end
  for _, shape in ipairs(shapes_in) do files[shape[2]] = read(shape[1]) end
  return { files = files, rooms = rooms, shapes = shapes, list = list, where = where, waits = waits }
end

local function stale(files)
  local wrong = {}
  for path, text in pairs(files) do
    local file = io.open(path, "rb")
    local there = file and file:read "*a"
    if file then file:close() end
    if there ~= text then wrong[#wrong + 1] = path end
  end
  table.sort(wrong)
  return wrong
end

local function write(files)
  for path, text in pairs(files) do
    os.execute(("mkdir -p '%s'"):format(path:match "^(.*)/"))
    local file = assert(io.open(path, "wb"))
    file:write(text)
    file:close()
  end
end

local made = make()

--- Sources for LDoc, in a folder.
function made.ldoc(folder)
  local ldoc = dofile "tools/reference/ldoc.lua"
  local files = { [folder .. "/config.ld"] = ldoc.config }
  for i, room in ipairs(rooms) do
    ldoc.sources(room, made.shapes, function(name, text) files[("%s/rooms/%02d_%s.lua"):format(folder, i, name)] = text
      end)
  end
  write(files)
end

if arg and arg[0] and arg[0]:find "reference%.lua$" then
  if arg[1] == "ldoc" then made.ldoc(arg[2]) else write(made.files) end
end
made.stale = stale(made.files)
return made

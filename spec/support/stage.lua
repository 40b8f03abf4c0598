--- What a spec starts and what it gets from it. All of it ends with stage.clear, which belongs into after_each.

local airlock = require "airlock"
local core = require "airlock.core"
local emulator = require "airlock.emulator"
local poll = require "airlock.loop.poll"
local server = require "airlock.server"

local stage = {}
local endings = {}

-- The ports that servers of this run have had. busted loads this file anew for each spec file, and the tokens of those
-- servers stay cached; so it is kept where busted doesn't clear.
local registry = debug.getregistry()
local used = registry["airlock.spec.ports"] or {}
registry["airlock.spec.ports"] = used

--- Whether no server of this run has had the port so far; from now on one has.
function stage.unused(port)
  port = tonumber(port)
  local first = not used[port]
  used[port] = true
  return first
end

--- Runs a function when the stage is cleared; the last one kept runs first.
function stage.keep(ending)
  endings[#endings + 1] = ending
end

--- Stops whatever was started, also after a failed spec.
function stage.clear()
  local first
  while #endings > 0 do
    local ok, why = pcall(table.remove(endings))
    if not ok then first = first or why end
  end
  collectgarbage()
  if first then error(first, 0) end
end

--- Sets pause and speed of Lua's collector; gives a function that sets them back.
function stage.collector(pause, speed)
  local function set(name, value)
    local ok, before = pcall(collectgarbage, "param", name, value) -- Lua 5.5
    return ok and before or collectgarbage("set" .. name, value)
  end
  local before, speed_before = set("pause", pause), set("stepmul", speed)
  return function()
    set("pause", before)
    set("stepmul", speed_before)
  end
end

--- A Space that runs in this process.
function stage.space(options)
  local space = emulator.start(options)
  stage.keep(function() space:stop() end)
  space:issue() -- its key is made now, and not within a spec's time-out
  return space
end

local function with(config, more)
  for name, value in pairs(more or {}) do config[name] = value end
  return config
end

--- A client of such a Space: its first application, unless told otherwise.
function stage.client(space, more)
  return airlock.space(with({ url = space.url, client_id = space.client_id, client_secret = space.client_secret },
    more))
end

--- A session of that application on its own behalf.
function stage.app(space, more, options)
  return stage.client(space, more):client_credentials(options)
end

--- A server whose answers the spec makes by hand; gives its URL and itself.
function stage.server(handler, more)
  local made = assert(server.listen(with({ handler = handler }, more)))
  -- tokens of the server that had this URL before are still cached
  if not stage.unused(made:port()) and not (more and more.port) then
    made:close()
    return stage.server(handler, more)
  end
  poll.add(made)
  stage.keep(function()
    poll.remove(made)
    made:close()
  end)
  return made:url(), made
end

--- A session with a permanent token at an API made by hand; gives the server's URL too.
function stage.api(handler, more)
  local url = stage.server(handler)
  return airlock.client(with({ base_url = url }, more)):permanent_token "permanent", url
end

--- The body of a token reply as bytes of JSON.
function stage.token(members)
  return core.json.encode(members)
end

--- A client of an authorization server made by hand: `answer(exchange, form)` sees POST /token, `api` all else.
function stage.issuer(answer, api, more)
  local seen = { tokens = 0, calls = 0 }
  local url = stage.server(function(x)
    if x.path == "/token" then
      seen.tokens = seen.tokens + 1
      return answer(x, seen.tokens)
    end
    seen.calls = seen.calls + 1
    if api then return api(x, seen.calls) end
    x:reply { body = '{"ok":true}' }
  end)
  local client = airlock.client(with({ token_endpoint = url .. "/token", base_url = url .. "/api/",
    client_id = "porter", client_secret = "hush" }, more))
  return client, seen, url
end

--- Answers a token request with these members (and no others).
function stage.grant(members)
  return function(x) x:reply { headers = { ["Content-Type"] = "application/json" }, body = stage.token(members) } end
end

--- The text of a file, or nil.
function stage.read(path)
  local file = io.open(path, "rb")
  if not file then return nil end
  local text = file:read "*a"
  file:close()
  return text
end

--- Makes a file of this text, in place of what was there.
function stage.write(path, text)
  local file = assert(io.open(path, "wb"))
  file:write(text)
  file:close()
end

--- What a shell command prints.
function stage.shell(command)
  local pipe = assert(io.popen(command, "r"))
  local text = pipe:read "*a"
  pipe:close()
  return text
end

--- A folder that is gone afterwards.
function stage.folder()
  local path = stage.shell("mktemp -d"):match "%S+"
  stage.keep(function() os.execute("rm -rf '" .. path .. "'") end)
  return path
end

--- The path of a file with this text, in a folder that is gone afterwards.
function stage.file(text, name)
  local path = stage.folder() .. "/" .. (name or "file")
  stage.write(path, text)
  return path
end

return stage

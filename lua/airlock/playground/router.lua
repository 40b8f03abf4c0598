--- Takes each request of the page: its files, what it wants to know, what it wants done.

local acts = require "airlock.playground.acts"
local callback = require "airlock.playground.callback"
local compat = require "airlock.compat"
local core = require "airlock.core"
local files = require "airlock.playground.files"
local json = require "airlock.emulator.http.json"
local profiles = require "airlock.playground.profiles"
local reply = require "airlock.playground.reply"
local rights = require "airlock.playground.scopes"
local ways = require "airlock.playground.grants"

local router = {}

local function body_of(exchange)
  local value = exchange.body ~= "" and json.decode(exchange.body)
  return type(value) == "table" and value or {}
end

local function tell(playground, exchange)
  reply.json(exchange, playground:view())
end

local gets, posts = {}, {}

function gets.state(playground, exchange)
  tell(playground, exchange)
end

-- The ways are found by name as well, which the page needn't know.
local function list_of_ways()
  local out = json.list()
  for i, way in ipairs(ways) do out[i] = way end
  return out
end

--- Whether anything changed: the page asks again and again, and so notices that the server is gone.
function gets.pulse(playground, exchange)
  reply.json(exchange, playground:pulse())
end

--- What doesn't change: ways, what scopes of Space are made of, and the servers that are known by name.
function gets.catalogue(_, exchange)
  reply.json(exchange, { ways = list_of_ways(), permissions = rights.permissions(),
    contexts = rights.contexts(), providers = profiles.view() })
end

function posts.choose(playground, exchange)
  local ok, why = playground:choose(body_of(exchange))
  if not ok then return reply.refuse(exchange, why, 400) end
  tell(playground, exchange)
end

function posts.go(playground, exchange)
  playground:go(body_of(exchange).steps == 1 and 1 or math.huge)
  tell(playground, exchange)
end

function posts.reset(playground, exchange)
  playground:reset()
  tell(playground, exchange)
end

function posts.act(playground, exchange)
  local act = acts[body_of(exchange).what]
  if not act then return reply.refuse(exchange, "There is no such act.", 400) end
  if not playground.run:act(function(run)
    act(run)
    run:look_again()
  end) then return reply.refuse(exchange, "There is no token to do this with.", 409) end
  tell(playground, exchange)
end

--- A message with its secrets, for the user who asked for it; id "token" is the token itself.
function posts.uncover(playground, exchange)
  local run, id = playground.drawn or playground.run, body_of(exchange).id
  if id == "token" and run.token then return reply.json(exchange, { text = run.token.text }) end
  local entry = type(id) == "number" and run.picture.entries[id]
  if not entry or entry.kind ~= "message" then return reply.refuse(exchange, "There is no such message.", 404) end
  local request, response = entry:parts(false)
  reply.json(exchange, { request = request, response = response })
end

local languages = { lua = require "airlock.playground.as_lua", curl = require "airlock.playground.as_curl",
  spec = require "airlock.playground.as_spec" }

--- What was done, as code.
function posts.code(playground, exchange)
  local given = body_of(exchange)
  local language = languages[given.language]
  if not language then return reply.refuse(exchange, "There is no such language.", 400) end
  reply.json(exchange, { text = language.write(playground.run):text(given.covered ~= false) })
end

local function take_file(exchange, path)
  local name = path == "/" and "index.html" or path:sub(2)
  local body, media_type = files.read(name)
  if not body then return reply.refuse(exchange, "There is nothing at this path.", 404) end
  reply.send(exchange, { type = media_type, body = body })
end

local function take(playground, exchange)
  local gate = playground.gate
  if gate:named(exchange) and exchange.path:find "^/callback" then return callback.take(playground, exchange) end
  local path, why = gate:admit(exchange)
  if not path then return reply.turn_away(exchange, why) end
  local name = path:match "^/api/(%l+)$"
  if not name then return take_file(exchange, path) end
  local run = (exchange.method == "POST" and posts or gets)[name]
  if not run then return reply.refuse(exchange, "There is nothing at this path.", 404) end
  run(playground, exchange)
end

--- Takes one exchange; `server.listen`'s handler. A request that the playground stumbles over is answered with what
--- went wrong, and the next one is taken all the same.
---@param playground table
---@param exchange userdata
function router.take(playground, exchange)
  local ok, why = compat.pcall(take, playground, exchange)
  if ok then return end
  local said = "The playground stumbled over this, and goes on: " .. core.printable(tostring(why))
  compat.pcall(reply.refuse, exchange, said, 500)
end

return router

--- A TCP server that answers with bytes as they are, HTTP or not. Needs lua-socket.

local poll = require "airlock.loop.poll"
local socket = require "socket"
local stage = require "spec.support.stage"

local raw = {}

-- The loop waits for reading only; whoever has more to write is stepped again at once by means of a datagram nobody
-- reads.
local function pulse()
  local to = assert(socket.udp())
  assert(to:setsockname("127.0.0.1", 0))
  local from = assert(socket.udp())
  local host, port = to:getsockname()
  assert(from:sendto("x", host, port))
  from:close()
  return to
end

local function close(connection)
  poll.remove(connection)
  connection.socket:close()
  if connection.pulse then connection.pulse:close() end
  connection.over = true
end

local function write(connection)
  local sent, why, partly = connection.socket:send(connection.out, connection.at)
  connection.at = (sent or partly or 0) + 1
  if connection.at > #connection.out then
    if connection.stays then
      connection.out = nil
    else
      close(connection)
    end
  elseif why ~= "timeout" then
    close(connection)
  elseif not connection.pulse then
    connection.pulse = pulse()
  end
end

local function read(connection)
  local whole, why, partly = connection.socket:receive(65536)
  connection.text = connection.text .. (whole or partly or "")
  local head, rest = connection.text:match(connection.at_once and "^(.+)(.*)$" or "^(.-\r\n\r\n)(.*)$")
  local length = head and tonumber(head:lower():match "content%-length: *(%d+)" or 0)
  if head and #rest >= length then
    connection.count = connection.count + 1
    local bytes, stays = connection.answer(connection.text, connection.count)
    connection.text, connection.out, connection.at, connection.stays = "", bytes, 1, stays
    if bytes == nil then connection.silent = true else write(connection) end
  elseif why == "closed" then
    close(connection)
  end
end

local methods = {}

function methods:fd()
  return self.out and self.pulse and self.pulse:getfd() or self.socket:getfd()
end

function methods:step()
  if self.over then return end
  if self.out then write(self) else read(self) end
end

--- A socket that listens, on a port that no server of this run has had: tokens of that one may still be cached.
function raw.bind()
  local one = assert(socket.bind("127.0.0.1", 0))
  local _, port = one:getsockname()
  if stage.unused(port) then return one, tonumber(port) end
  one:close()
  return raw.bind()
end

--- Listens; `answer` is what each request gets before the connection is closed, or a function `(request, n)` that gives
--- it, and true to keep the connection open. nil bytes: no answer. `at_once`: whatever comes first is a request. Gives
--- the URL and the listener (with `port`, `connections`).
function raw.listen(answer, at_once)
  local one, port = raw.bind()
  one:settimeout(0)
  local listener = { socket = one, port = port, connections = {}, fd = methods.fd }
  function listener:step()
    local accepted = self.socket:accept()
    if not accepted then return end
    accepted:settimeout(0)
    local connection = setmetatable({ socket = accepted, text = "", count = 0, at_once = at_once,
      answer = type(answer) == "function" and answer or function() return answer end }, { __index = methods })
    self.connections[#self.connections + 1] = connection
    poll.add(connection)
  end
  poll.add(listener)
  stage.keep(function()
    poll.remove(listener)
    listener.socket:close()
    for _, connection in ipairs(listener.connections) do
      if not connection.over then close(connection) end
    end
  end)
  return ("http://127.0.0.1:%d"):format(listener.port), listener
end

--- A port that nobody listens on, and that wasn't given before: two servers of one spec would want the same.
function raw.free_port()
  local one, port = raw.bind()
  one:close()
  return port
end

--- A port where connections are neither taken nor refused: its queue is full.
function raw.stuck_port()
  local one = assert(socket.tcp())
  assert(one:bind("127.0.0.1", 0))
  assert(one:listen(0))
  local _, port = one:getsockname()
  local waiting = { one }
  for _ = 1, 8 do
    local other = assert(socket.tcp())
    other:settimeout(0)
    other:connect("127.0.0.1", port)
    waiting[#waiting + 1] = other
  end
  stage.keep(function()
    for _, each in ipairs(waiting) do each:close() end
  end)
  return tonumber(port)
end

--- Whether somebody takes connections there.
function raw.answers(port)
  local one = assert(socket.tcp())
  one:settimeout(1)
  local ok = one:connect("127.0.0.1", port)
  one:close()
  return ok ~= nil
end

raw.sleep = socket.sleep

return raw

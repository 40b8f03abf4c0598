--- A proxy between Airlock and a server beside it, of TCP and so of TLS too, that breaks what passes as the spec says.
--- Needs lua-socket.

local poll = require "airlock.loop.poll"
local raw = require "spec.support.raw"
local socket = require "socket"
local stage = require "spec.support.stage"

local proxy = {}

local function close(link, how)
  if link.over then return end
  link.over = true
  for _, side in ipairs { link.near, link.far } do poll.remove(side) end
  if how == "reset" then link.near.socket:setoption("linger", { on = true, timeout = 0 }) end
  link.near.socket:close()
  link.far.socket:close()
end

local function send(link, to, bytes)
  if #bytes == 0 or link.over then return end
  local sent = to:send(bytes)
  if sent ~= #bytes then close(link) end -- the other is gone; more than a socket holds isn't sent through here
end

-- A datagram that nobody reads makes a descriptor that is always readable: one byte goes with each step.
local function dribble(link, bytes)
  link.rest = (link.rest or "") .. bytes
  if link.dribbling then return end
  local to, from = assert(socket.udp()), assert(socket.udp())
  assert(to:setsockname("127.0.0.1", 0))
  assert(from:sendto("x", to:getsockname()))
  from:close()
  local pulse = { fd = function() return to:getfd() end }
  function pulse.step()
    if link.over or link.rest == "" then
      poll.remove(pulse)
      to:close()
      link.dribbling = nil
      if link.ends then close(link) end
      return
    end
    send(link, link.near.socket, link.rest:sub(1, 1))
    link.rest = link.rest:sub(2)
  end
  link.dribbling = pulse
  poll.add(pulse)
end

-- What goes on of these bytes, and whether that was the end of it.
local function pass(side, bytes, plan)
  local before = side.passed
  local cut = plan[side.name]
  side.passed = before + #bytes
  if cut and side.passed >= cut then return bytes:sub(1, math.max(0, cut - before)), plan.how ~= "stall" end
  return bytes, false
end

local function step(side)
  local link = side.link
  if link.over then return end
  local whole, why, partly = side.socket:receive(65536)
  local bytes = whole or partly or ""
  local other = side == link.near and link.far or link.near
  -- a request begins with its first byte after an answer: the plan of that moment holds for both
  local plan = link.plan()
  if side == link.near and other.passed > 0 and #bytes > 0 and not plan.connection then
    side.passed, other.passed = 0, 0
  end
  local goes, ends = pass(side, bytes, plan)
  side.longest = math.max(side.longest, side.passed)
  if plan.dribble and side == link.far then
    link.ends = why == "closed"
    dribble(link, goes)
    if link.ends then poll.remove(side) end
    return
  end
  send(link, other.socket, goes)
  if ends then close(link, plan.how) elseif why == "closed" then close(link) end
end

local methods = { step = step }
methods.__index = methods

function methods:fd()
  return self.socket:getfd()
end

--- Listens before a server. `plan()` is asked for what to do: `{ request = n, reply = n, how = "close" | "reset" |
--- "stall" }`, where n is after how many bytes of one or the other the connection is cut, or silent; `connection =
--- true` counts from the connection's start; `dribble = true` lets a reply through byte by byte; `{}` lets all pass.
--- Gives the URL to use in place of the server's, and a function that tells how long the longest request and reply were
--- since it was last called.
function proxy.before(url, plan)
  local scheme, host, port = url:match "^(%a+)://([%d.]+):(%d+)"
  local one, mine = raw.bind()
  one:settimeout(0)
  local listener = setmetatable({ socket = one }, methods)
  local links = {}
  listener.step = function()
    local accepted = listener.socket:accept()
    if not accepted then return end
    local far = assert(socket.connect(host, tonumber(port)))
    accepted:settimeout(0)
    far:settimeout(0)
    for _, each in ipairs { accepted, far } do each:setoption("tcp-nodelay", true) end
    local link = { plan = plan }
    link.near = setmetatable({ socket = accepted, link = link, name = "request", passed = 0, longest = 0 }, methods)
    link.far = setmetatable({ socket = far, link = link, name = "reply", passed = 0, longest = 0 }, methods)
    links[#links + 1] = link
    poll.add(link.near)
    poll.add(link.far)
    if plan().request == 0 and plan().how ~= "stall" then close(link, plan().how) end
  end
  poll.add(listener)
  stage.keep(function()
    poll.remove(listener)
    listener.socket:close()
    for _, link in ipairs(links) do close(link) end
  end)
  return ("%s://127.0.0.1:%d"):format(scheme, mine), function()
    local longest = { request = 0, reply = 0 }
    for _, link in ipairs(links) do
      for _, side in ipairs { link.near, link.far } do
        longest[side.name] = math.max(longest[side.name], side.longest)
        side.longest = 0
      end
    end
    return longest
  end
end

return proxy

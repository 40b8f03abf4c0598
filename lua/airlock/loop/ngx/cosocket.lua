--- Carries calls and token calls over nginx's cosockets: moves bytes, and leaves it to C what they mean.
-- TLS, names and idle connections are nginx's own (lua_ssl_trusted_certificate, resolver). The text of a request, its
-- token with it, is a Lua string on its way through here: it goes into the socket and nowhere else.

-- spec: spec/hosts/nginx_spec.lua

local core = require "airlock.core"
local location = require "airlock.loop.ngx.location"
local ngx = require "ngx"

local cosocket = {}

local tcp, now = ngx.socket.tcp, ngx.now
local ceil = math.ceil

local window = 65536 -- bytes taken at a time
-- idle connections of one worker to one server: for how long, how many (AL_MAX_IDLE_CONNECTIONS)
local idle_ms, idle_most = 60000, 64
local most_waiting = 65536 -- for a connection of a pool that has as many as it may

-- This machine's name needs no resolver (RFC 6761 section 6.3).
local function address(host)
  return core.lower(host) == "localhost" and "127.0.0.1" or host
end

-- What the rest of the time allows, for what comes next; false: it is up. Setting it again for each small step isn't
-- worth it.
local function hurry(socket, deadline, ms)
  local left = (deadline - now()) * 1000
  if left < 1 then return false end
  if left < 0.9 * ms then socket:settimeout(ceil(left)) end
  return true
end

local function refuse(message, why)
  if why == "timeout" then return message:broke("timeout", "while connecting") end
  message:broke(why:find("resolve", 1, true) and "resolve" or "connect", why)
end

local function distrust(message, why)
  if why == "timeout" then return message:broke("timeout", "while connecting") end
  message:broke("tls", why .. " (nginx trusts what lua_ssl_trusted_certificate names)")
end

local function read(path)
  local file, why = io.open(path, "rb")
  if not file then return nil, why end
  local text = file:read "*a"
  file:close()
  return text
end

-- Shows the client's own certificate (RFC 8705). Its files are read for each handshake, as they may be renewed, and
-- nothing of them is kept.
local function certify(socket, cert_file, key_file)
  if not socket.setclientcert then
    return nil, "this nginx's Lua module is too old for one: it has no tcpsock:setclientcert"
  end
  local ssl = require "ngx.ssl"
  local text, why = read(cert_file)
  local cert, key
  if text then cert, why = ssl.parse_pem_cert(text) end
  if cert then text, why = read(key_file) end
  if cert and text then key, why = ssl.parse_pem_priv_key(text) end
  if not key then return nil, why end
  return socket:setclientcert(cert, key)
end

-- After TCP; nothing: the message knows why not.
local function handshake(message, socket, host, cert_file, key_file)
  local ok, why
  if cert_file then
    ok, why = certify(socket, cert_file, key_file)
    if not ok then return message:broke("certificate", tostring(why)) end
  end
  ok, why = socket:sslhandshake(false, host, true)
  -- where a handshake is over at once, nginx-lua 0.10.23 says true although the certificate was refused; but then it
  -- has closed the socket
  if ok and not socket:getreusedtimes() then ok, why = nil, "certificate verify error, see nginx's log" end
  if ok then return true end
  if why:find "^ssl set client" then return message:broke("certificate", why) end -- its key is another one's
  distrust(message, why)
end

-- Connections of one certificate are used for no other, and none of TLS for another location, which may trust others.
local function pool_of(host, port, trust, alone, cert_file, key_file)
  -- nothing is ever put into a pool of the first kind
  local kind = alone and "airlock alone " or trust and "airlock https " .. trust .. " " or "airlock http "
  local pool = kind .. host .. ":" .. port
  return cert_file and ("%s %s %s"):format(pool, cert_file, key_file) or pool
end

-- A connection, and how often it was used before; nothing: the message knows why.
local function connect(message, host, port, trust, ms, connect_ms, alone, most, cert_file, key_file)
  local socket = tcp()
  socket:settimeouts(connect_ms < ms and connect_ms or ms, ms, ms)
  local ok, why = socket:connect(address(host), port, {
    pool = pool_of(host, port, trust, alone, cert_file, key_file) .. " " .. most, pool_size = most,
    backlog = most_waiting })
  if not ok then return refuse(message, why) end
  local used = socket:getreusedtimes()
  if not trust or used > 0 then return socket, used end
  if connect_ms < ms then socket:settimeouts(connect_ms, connect_ms, connect_ms) end
  if not handshake(message, socket, host, cert_file, key_file) then
    socket:close()
    return
  end
  if connect_ms < ms then socket:settimeouts(ms, ms, ms) end
  return socket, used
end

local function chunk(bytes)
  return bytes and ("%x\r\n%s\r\n"):format(#bytes, bytes) or "0\r\n\r\n"
end

-- The body, as the program's reader gives it (RFC 9112 section 7.1). False: the program gave up, and the message knows.
local function upload(socket, reader, chunked)
  local afresh = true
  repeat
    local bytes = reader(afresh)
    if bytes == false then return false end
    if chunked or bytes then
      local ok, why = socket:send(chunked and chunk(bytes) or bytes)
      if not ok then return nil, why end
    end
    afresh = false
  until not bytes
  return true
end

local function release(socket, lasts)
  if lasts then socket:setkeepalive(idle_ms, idle_most) else socket:close() end
end

-- Takes the answer. True: it is over; else why it isn't, and whether some of it came.
local function receive(message, socket, deadline, ms, stall_ms, alone, sink)
  local begun = false
  while hurry(socket, deadline, ms) do
    local bytes, why = socket:receiveany(window)
    if not bytes then return false, why, begun end
    if not begun and stall_ms < ms then
      ms = stall_ms
      socket:settimeout(ceil(ms))
    end
    begun = true
    local over, lasts, piece = message:receive(bytes)
    if over then release(socket, lasts and not alone) end
    if piece and sink and not sink(piece) and not over then
      socket:close()
      return true
    end
    if over then return true end
  end
  return false, "timeout", begun
end

local function give_up(message, socket, why, deadline, stall_ms)
  socket:close()
  if why == "timeout" and deadline - now() > 0.05 then
    return message:broke("timeout", ("nothing of a body has moved for %d ms (option stall_timeout)")
      :format(stall_ms))
  end
  if why == "closed" then message:closed()
  else message:broke(why == "timeout" and why or "cut_off", why == "timeout" and "" or why) end
end

--- Carries one to its answer, or to why there is none: either way it knows afterwards.
---@param message userdata a call that wants "send", or a token call of core.token_call
---@param reader? fun(afresh: boolean): string|false|nil gives the body piece by piece; nil: it is whole; false: the
--- program gave up
---@param sink? fun(bytes: string): boolean takes what has come of the body; false: the program gave up
function cosocket.carry(message, reader, sink)
  local host, port, https, text, ms, connect_ms, alone, again, reads, stall_ms, most, cert_file,
    key_file = message:outgoing()
  if not host then return end
  local deadline = now() + ms / 1000
  local trust = https and location.name()
  if https and not trust then alone, trust = true, "unknown" end
  while true do
    local socket, used = connect(message, host, port, trust, ms, connect_ms, alone, most, cert_file, key_file)
    if not socket then return end
    if stall_ms < ms then socket:settimeouts(ms, ceil(stall_ms), ms) end
    local ok, why, begun = socket:send(text)
    if ok and reads then ok, why = upload(socket, reader, reads == "chunked") end
    if ok == false then return socket:close() end
    -- a server that refuses a large body answers before it has read all of that, and closes
    if ok or (reads and why ~= "timeout") then
      ok, why, begun = receive(message, socket, deadline, ms, stall_ms, alone, sink)
    end
    if ok then return end
    -- the server may have closed the connection while it rested: once more, on one that can't be stale
    if not again or used == 0 or begun or why == "timeout" then
      return give_up(message, socket, why, deadline, stall_ms)
    end
    socket:close()
    alone = true
  end
end

return cosocket

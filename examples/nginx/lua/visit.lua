--- A visit: one browser, known by a cookie that is a random number and says nothing. What we know of it stays here.
--- It begins without a user; with each login it gets another number, so that one that was foisted on a browser is worth
--- nothing.
local cjson = require "cjson"
local settings = require "settings"

local visit = {}
local visits, logins = ngx.shared.visits, ngx.shared.logins

-- Browsers take a cookie of this name over https only, and only from this very host (RFC 6265bis section 4.1.3.2).
local name = settings.secure and "__Host-visit" or "visit"

--- 256 random bits as text.
function visit.random()
  local source = assert(io.open("/dev/urandom", "rb"))
  source:setvbuf "no"
  local bytes = source:read(32)
  source:close()
  return (ngx.encode_base64(bytes, true):gsub("+", "-"):gsub("/", "_"))
end

local function set_cookie(value, seconds)
  ngx.header["Set-Cookie"] = ("%s=%s; Path=/; HttpOnly; SameSite=Lax; Max-Age=%d%s"):format(name, value, seconds,
    settings.secure and "; Secure" or "")
end

-- The number that the browser has shown, if it looks like one of ours.
local function shown()
  local value = ngx.var["cookie_" .. name]
  return value and #value == 43 and value:find "^[%w_-]+$" and value or nil
end

--- The logged-in user of this browser: `{ account, username, secret, ends }`; nil: nobody.
function visit.current()
  local id = shown()
  local text = id and visits:get(id)
  if not text then return nil end
  local self = cjson.decode(text)
  local left = self.ends - ngx.time()
  if left <= 0 then
    visits:delete(id)
    return nil
  end
  visits:expire(id, math.min(settings.idle, left))
  return self
end

--- Keeps what a login begins with, for this browser alone, until its callback.
function visit.expect(state, login)
  local id = shown()
  if not id then
    id = visit.random()
    set_cookie(id, settings.longest)
  end
  local key = id .. ":" .. state
  logins:lpush(key, cjson.encode(login))
  logins:expire(key, settings.patience)
end

--- What this browser began with that state, once: a list gives an item to one alone. nil: it began no such login.
function visit.expected(state)
  local id = shown()
  local text = id and state and logins:lpop(id .. ":" .. state)
  return text and cjson.decode(text) or nil
end

--- Begins the visit of a user who has just logged in, under a new number.
function visit.begin(account, username)
  local old, id = shown(), visit.random()
  if old then visits:delete(old) end
  local self = { account = account, username = username, secret = visit.random(), ends = ngx.time() + settings.longest }
  local ok, why = visits:safe_set(id, cjson.encode(self), settings.idle)
  if not ok then return nil, why end
  set_cookie(id, settings.longest)
  return true
end

--- Ends it.
function visit.finish()
  local id = shown()
  if id then visits:delete(id) end
  set_cookie("", 0)
end

return visit

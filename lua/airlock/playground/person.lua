--- The person's part of a run: at a browser, or played by the emulator. These are methods of a run.

local crypto = require("airlock.server").crypto
local run = require "airlock.playground.run"

local function status_line(status)
  return ("HTTP/1.1 %d\r\n"):format(status)
end

-- A message that didn't go over the network.
local function told(self, from, to, target, status, location)
  self:collect()
  local m = self.picture:message(from, to)
  local host, path = target:match "^%w+://([^/]*)([^#]*)"
  m.out = ("GET %s HTTP/1.1\r\nHost: %s\r\n\r\n"):format(path, host)
  m.head, m.over = status_line(status) .. (location and "Location: " .. location .. "\r\n" or ""), true
  m.told = "The emulator played the person's part inside this program: nothing went over the network here."
  return m
end

local function play(self, wait)
  if self.breakage.accept == false then
    self.broke = true
    self.place:forget_consents()
  end
  local redirect, says, status = self.place:approve(wait.url, self.choice.person, self.breakage.accept)
  told(self, "browser", "server", wait.url, redirect and 302 or status or 400, redirect)
  self:must(redirect, "The server's page says: " .. tostring(says))
  local m = told(self, "browser", "app", redirect, 200)
  if wait.fragment then
    m.told = m.told .. " The token is in the URL's fragment, which isn't sent: a script of the page hands it on."
  end
  return redirect
end

--- Tells the user what to do so that it breaks.
function run:urge()
  if self.breakage.accept ~= false then return end
  self.broke = true
  self:note("info", "To break it: press Cancel on the server's page.")
end

--- Sends the person to a page; gives the redirect that they come back with.
---@param wait table `{ url, state, fragment? }`
---@return string redirect
function run:person(wait)
  if self.place.approve and self.choice.person ~= "" then return play(self, wait) end
  self.wait, self.status = wait, "waiting"
  self:urge()
  self.picture:touch()
  while not wait.redirect do self.loop.park() end
  self.wait, self.status = nil, "running"
  return wait.redirect
end

--- Whether a state belongs to the redirect that this run waits for.
---@param state string?
---@return boolean
function run:awaits(state)
  local wait = self.wait
  return wait ~= nil and wait.state ~= nil and not wait.redirect and state ~= nil and crypto.equal(state, wait.state)
end

--- The redirect has come.
---@param redirect string
function run:arrive(redirect)
  self.wait.redirect = redirect
  if self.status == "waiting" then self.loop.unpark(self.thread) end
end

--- Shows a device's code, and lets the emulator's person enter it where there is one. The program asks for its token
--- meanwhile.
---@param device table
function run:pair(device)
  if self.place.pair and self.choice.person ~= "" then
    self.broke = self.breakage.accept == false
    local _, says = self.place:pair(device.user_code, self.choice.person, self.breakage.accept)
    local m = told(self, "browser", "server", device.verification_uri, 200)
    m.told = m.told .. " The last page said: " .. tostring(says)
    return
  end
  self.wait = { url = device.verification_uri_complete or device.verification_uri, user_code = device.user_code }
  self:urge()
  self.picture:touch()
end

local pages = { "^/oauth/auth$", "^/oauth/continue/", "^/oauth/login/", "^/oauth/consent/", "^/oauth/device" }

local function is_page(entry)
  if (entry.headers["user-agent"] or ""):find "^airlock/" then return false end
  for _, pattern in ipairs(pages) do
    if entry.path:find(pattern) then return true end
  end
  return false
end

-- A header block from a first line and a list of pairs.
local function head_of(first, pairs_)
  local lines = { first }
  for i, pair in ipairs(pairs_) do lines[i + 1] = pair[1] .. ": " .. tostring(pair[2]) end
  return table.concat(lines, "\r\n") .. "\r\n"
end

local function sent(exchange)
  return head_of(("%s %s HTTP/1.1"):format(exchange.method, exchange.target), exchange:header_list()) .. "\r\n"
    .. (exchange.body or "")
end

--- What the emulator's journal says of a browser that this run waits for.
---@param entry table
---@param reply table?
---@param exchange userdata
function run:visited(entry, reply, exchange)
  if not self.wait or not is_page(entry) then return end
  self:collect()
  local m = self.picture:message("browser", "server")
  m.out, m.over, m.page = sent(exchange), true, true
  if reply then m.head, m.body = head_of("HTTP/1.1 " .. reply.status, reply.headers), reply.body end
end

--- The redirect as the browser brought it.
---@param exchange userdata
function run:returned(exchange)
  self:collect()
  local m = self.picture:message("browser", "app")
  m.out, m.head, m.over = sent(exchange), status_line(200), true
end

return run

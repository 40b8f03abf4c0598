--- How a program gets into a protected resource: from its challenge to a session. One coroutine does it, however many
--- wait.

-- spec: spec/resource/resource_spec.lua

local client = require "airlock.client"
local compat = require "airlock.compat"
local core = require "airlock.core"
local document = require "airlock.resource.document"
local failure = require "airlock.failure"
local identity = require "airlock.resource.identity"
local poll = require "airlock.loop.poll"
local registry = require "airlock.loop.registry"
local wait = require "airlock.loop.wait"

local copy = client.copy
local entry = {}

local longest = 24 * 3600 -- s that somebody waits for another one's login

--- Whether a scope asks for more than the last login was for.
---@param self table
---@param scope string
---@return boolean
function entry.widens(self, scope)
  return not core.scope_covers(self.asked or "", scope)
end

local function challenged_scope(challenges)
  for _, challenge in ipairs(challenges or {}) do
    if type(challenge.scope) == "string" then return challenge.scope end
  end
end

-- ---- the login

local function show(device)
  io.stderr:write("To log in, open ", core.printable(device.verification_uri), " and enter the code ",
    core.printable(device.user_code), "\n")
  io.stderr:flush()
end

local function by_device(found, options, own)
  local device, message, detail = found:device_code { scope = options.scope, resource = options.resource,
    account = options.account }
  if not device then return nil, message, detail end
  local on_code = own.login_options and own.login_options.on_code or show
  on_code(device)
  return device:wait(own.login_options and own.login_options.timeout)
end

local function log_in(self, scope)
  local own = self.own
  local options = { scope = scope ~= "" and scope or nil, resource = self.found.resource, account = own.account }
  if type(own.login) == "function" then
    local session, message, detail = own.login(self.client, options)
    if session then return session end
    if message then return nil, message, detail end
    return failure.cancelled("cancelled", "the program's function in option 'login' gave no session")
  end
  if own.login == "device" then return by_device(self.client, options, own) end
  return self.client:login(copy(own.login_options, options))
end

-- The authorization servers in the resource's order, or the one that the program has named.
local function servers_of(self)
  local wanted = self.own.issuer
  if not wanted then return self.found.servers end
  for _, issuer in ipairs(self.found.servers) do
    if issuer == wanted then return { issuer } end
  end
  return failure.oauth("no_authorization_server",
    ("the protected resource %s doesn't name the authorization server %s (option 'issuer'), but: %s"):format(self.url,
      wanted, table.concat(self.found.servers, ", ")))
end

local function find_client(self)
  local servers, message, detail = servers_of(self)
  if not servers then return nil, message, detail end
  local made = copy(self.config)
  if self.found.dpop and made.dpop == nil then made.dpop = true end
  for _, issuer in ipairs(servers) do
    local found, place
    found, message, detail, place = identity.client(issuer, self.own, made)
    if found then
      self.client, self.place = found, place
      return true
    end
  end
  return nil, message, detail
end

-- A registration that the server doesn't know any more, or whose port somebody else took, is made anew, once.
local function stale(self, detail)
  return self.place ~= nil and (detail.code == "invalid_client" or detail.code == "unauthorized_client"
    or detail.code == "port_taken")
end

local function register_anew(self)
  self.place:save(nil)
  self.client = nil
  return find_client(self)
end

local function get_in(self, scope)
  local session, message, detail = log_in(self, scope)
  if not session and stale(self, detail) then
    local ok
    ok, message, detail = register_anew(self)
    if not ok then return nil, message, detail end
    session, message, detail = log_in(self, scope)
  end
  if not session then return nil, message, detail end
  self.session, self.asked = session, scope
  return true
end

local function begin(self, challenges, why)
  if not self.found then
    local found, message, detail = document.find(self.probe, self.own.resource or self.url, challenges)
    if not found then return nil, message, detail end
    self.found = found
  end
  local ok, message, detail = true, nil, nil
  if why and why.code == "invalid_client" and self.place then ok, message, detail = register_anew(self)
  elseif not self.client then ok, message, detail = find_client(self) end
  if not ok then return nil, message, detail end
  local scope = self.asked or challenged_scope(challenges)
  if not scope and self.found.scopes then scope = table.concat(self.found.scopes, " ") end
  return get_in(self, scope or "")
end

-- ---- one at a time

local function park(self, loop)
  local bell = wait.bell(loop, longest)
  self.waiting[#self.waiting + 1] = bell
  local _, cancelled = bell.wait()
  if not cancelled then return true end
  return failure.cancelled("cancelled", "the program cancelled this call", { outcome = "transient" })
end

-- Waits for a login that is under way.
local function join(self)
  local loop = registry.current(self.probe)
  if loop then return park(self, loop) end
  poll.run(nil, function() return self.waiting == nil end)
  return true
end

local function alone(self, f, ...)
  self.waiting = {}
  local results = compat.pack(compat.pcall(f, self, ...))
  local waiting = self.waiting
  self.waiting = nil
  for _, bell in ipairs(waiting) do bell.ring() end
  if not results[1] then error(results[2], 0) end
  return compat.unpack(results, 2, results.n)
end

--- Gets in: finds out who gives tokens, who we are there, and logs in.
---@param self table the resource
---@param challenges table[]? of the 401
---@param why table? the failure that ended a login before
---@return true? done
---@return string? message
---@return table? detail
function entry.enter(self, challenges, why)
  local before = self.session
  if self.waiting then
    local ok, message, detail = join(self)
    if not ok then return nil, message, detail end
    if self.session and self.session ~= before then return true end -- somebody else got in for all of us
  end
  return alone(self, begin, challenges, why)
end

--- Logs in for more; what there is serves until the new login is there.
---@param self table
---@param scope string
function entry.widen(self, scope)
  if self.waiting then
    local ok, message, detail = join(self)
    if not ok then return nil, message, detail end
    if not entry.widens(self, scope) then return true end
  end
  return alone(self, get_in, core.scope_union(self.asked or "", scope))
end

return entry

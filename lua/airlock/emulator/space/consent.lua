--- What people allowed applications to do on their behalf: remembered, so that nobody is asked twice for the same.

local id = require "airlock.emulator.space.id"
local scope = require "airlock.emulator.oauth.scope"

local consent = {}
consent.__index = consent

---@return table consents
function consent.new()
  return setmetatable({ approvals = {} }, consent)
end

--- The approvals of a person, oldest first.
---@param person table
---@param application table? of this one alone
---@return table[] approvals `{ id, person, application, scope, offline }`
function consent:of(person, application)
  local found = {}
  for _, a in ipairs(self.approvals) do
    if a.person == person and (not application or a.application == application) then found[#found + 1] = a end
  end
  return found
end

--- The approval under which a request needs no new one: as wide, and for offline use too where that is wanted.
---@param person table
---@param request table `{ application, scope, offline }`
---@return table? approval
function consent:covering(person, request)
  for _, a in ipairs(self:of(person, request.application)) do
    if (a.offline or not request.offline) and scope.within(request.scope, a.scope) then return a end
  end
end

--- Remembers an approval.
---@param person table
---@param request table `{ application, scope, offline }`
---@return table approval
function consent:approve(person, request)
  local text = scope.text(request.scope)
  for _, a in ipairs(self:of(person, request.application)) do
    if scope.text(a.scope) == text then
      a.offline = a.offline or request.offline
      return a
    end
  end
  local a = { id = id.short(), person = person, application = request.application, scope = request.scope,
    offline = request.offline or false }
  self.approvals[#self.approvals + 1] = a
  return a
end

--- Forgets an approval.
---@param approval table
function consent:withdraw(approval)
  for i = #self.approvals, 1, -1 do
    if self.approvals[i] == approval then table.remove(self.approvals, i) end
  end
end

return consent

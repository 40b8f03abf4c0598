--- absences

local json = require "airlock.emulator.http.json"
local page = require "airlock.emulator.api.batches"
local person = require "airlock.emulator.space.person"

local function view_in(people)
  return function(absence)
    local member = absence.person and person.find(people, "username:" .. absence.person)
    return { className = "AbsenceRecord", id = absence.id, member = member and person.view(member) or json.null,
      reason = absence.reason, description = absence.description or "", since = { iso = absence.since },
      till = { iso = absence.till }, available = false, archived = false }
  end
end

local function list(call)
  return page.reply(call, call.emulator.absences, view_in(call.emulator.people))
end

return {
  { "GET", "absences", run = list, right = "Profile.Absences.View" },
}

--- Odd habits that servers have, as switches of the emulator: for programs that want to know how they get on with them.

local core = require "airlock.core"

local habits = {}

local function list(value) return type(value) == "string" end
local function yes(value) return value == true end

-- name → { what values it takes, what is said of others, what it is }
habits.known = {
  basic = { function(value) return value == "raw" or value == "decoded" end, '"raw" or "decoded"',
    "how Basic credentials are read: as they are, or form-decoded (RFC 6749 section 2.3.1); by default both" },
  empty_refusals = { yes, "true", "refusals of the token endpoint have a status and no body" },
  refresh_error = { list, "a string",
    "the error that a refresh token which is over is refused with, in place of invalid_grant" },
  refresh_status = { function(value) return value == 400 or value == 401 end, "400 or 401",
    "… and the status of that refusal" },
  challenge = { list, "a string", "the WWW-Authenticate of the API's 401, such as 'error=\"invalid_request\"'" },
  id_tokens = { function(value) return value == "code" end, '"code"',
    "ID tokens come with the code flow alone: none with a password, a device code or a refresh token" },
}

local function names()
  local all = {}
  for name in pairs(habits.known) do all[#all + 1] = name end
  table.sort(all)
  return all
end

--- Raises for a habit that isn't known, or a value that it can't have.
---@param given table?
---@return table habits
function habits.read(given)
  local made = {}
  for name, value in pairs(given or {}) do
    local known = habits.known[name]
    if not known then
      local all = names()
      error(("airlock.emulator: unknown habit '%s'%s (there are: %s)"):format(tostring(name), core.meant(name, all),
        table.concat(all, ", ")), 3)
    end
    if value and not known[1](value) then
      error(("airlock.emulator: habit '%s' must be %s"):format(name, known[2]), 3)
    end
    made[name] = value or nil
  end
  return made
end

return habits

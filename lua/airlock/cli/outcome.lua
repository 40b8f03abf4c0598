--- How the command ends: its exit codes, and what a failure comes to.

local words = require "airlock.cli.words"

local outcome = {
  fine = 0, -- done
  refused = 1, -- the API or the authorization server said no
  usage = 2, -- the command line, the environment or the configuration is wrong
  login = 3, -- the user has to log in
  network = 4, -- no answer, or not a whole one
  store = 5, -- tokens can't be read or kept, or a file can't
  bug = 70, -- an error in Airlock itself
  interrupted = 130, -- Ctrl-C
  pipe = 141, -- nobody reads the output any more
}

local by_kind = { network = outcome.network, store = outcome.store, state = outcome.login }
local log_in = { revoked = true, interaction_required = true }

--- The exit code of a failure of the library's.
---@param detail table
---@return integer
function outcome.of(detail)
  if by_kind[detail.kind] then return by_kind[detail.kind] end
  if log_in[detail.outcome] then return outcome.login end
  return outcome.refused
end

local stop = { __tostring = function(self) return self.message or "" end }

--- Ends the command from wherever it is: raises what `outcome.caught` reads.
---@param code integer
---@param message string?
---@param detail table? of the library's, where it was one of its failures
function outcome.stop(code, message, detail)
  error(setmetatable({ code = code, message = message, detail = detail }, stop), 0)
end

--- Ends the command for a failure of the library's.
---@param message string
---@param detail table
---@param call string? see words.of
function outcome.fail(message, detail, call)
  outcome.stop(outcome.of(detail), words.of(message, call), detail)
end

--- Stops for a value that a call of the library should have given; gives it on where it did.
---@param value any
---@param message string?
---@param detail table?
---@return any
function outcome.need(value, message, detail)
  if value == nil then outcome.fail(message, detail) end
  return value
end

-- Without the place in our sources that a mistake begins with.
local function bare(text)
  return (text:gsub("^[^\n]-:%d+: ", "", 1))
end

--- The exit code and the message of whatever was raised.
---@param raised any
---@return integer code
---@return string? message
---@return table? detail where it was a failure of the library's
function outcome.caught(raised)
  if getmetatable(raised) == stop then return raised.code, raised.message, raised.detail end
  if type(raised) == "table" and raised.kind then -- of session:each
    return outcome.of(raised), words.of(raised.message), raised
  end
  local text = tostring(raised)
  if text:find "interrupted!" then return outcome.interrupted end
  if text:find "^[^\n:]*airlock/[%w_/]*%.lua:%d+:" then
    return outcome.bug, "this is a mistake in Airlock itself: " .. text
  end
  return outcome.usage, words.of(bare(text))
end

return outcome

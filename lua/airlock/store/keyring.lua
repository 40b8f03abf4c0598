--- The key that the user's keyring keeps: the Secret Service, or macOS' Keychain by its command `security`.
-- The Keychain's part is unproven: Airlock has not run on macOS.

-- spec: spec/store/keyring_spec.lua

local await = require "airlock.store.await"

local keyring = {}

local patience = 300 -- seconds for a user to unlock it

local advice = {
  no_keyring = "no keyring answers (%s): start a Secret Service such as gnome-keyring in this D-Bus session, "
    .. "or give option 'store' a key file",
  locked_keyring = "the keyring is locked (%s): unlock it and try again",
  refused_keyring = "the keyring refused (%s)",
}

local function told(code, why) return nil, advice[code]:format(why), code end

-- Its user puts the key there: an argument of `security` would show it to others.
local function keychain()
  local find = "security find-generic-password -s airlock -a records -w 2>/dev/null"
  local pipe = io.popen(find)
  local text = pipe and pipe:read "*l"
  if pipe then pipe:close() end
  if text and #text == 64 then return text end
  return told("no_keyring", "the Keychain has no item 'airlock' with the account 'records'")
end

local function mac()
  local file = io.open("/usr/bin/security", "rb")
  if file then file:close() end
  return file ~= nil
end

--- The key as 64 hexadecimal digits, made at its first use; waits while the keyring is being unlocked.
---@return string? key
---@return string? why
---@return string? code
function keyring.key()
  local there, module = pcall(require, "airlock.keyring")
  if not there then
    if mac() then return keychain() end
    return told("no_keyring", "Airlock was built without libsecret")
  end
  local question = module.ask()
  if not question then return told("no_keyring", "there is no memory for a question") end
  await(question, patience, function() return question:over() end)
  if not question:over() then return told("locked_keyring", "nobody unlocked it in time") end
  local text, why, code = question:answer()
  question:close()
  if text then return text end
  return told(code, why)
end

return keyring

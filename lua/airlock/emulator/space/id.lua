--- Identifiers as Space makes them, from the system's randomness.

local crypto = require("airlock.server").crypto

local id = {}

local letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

local function hex(n)
  return (crypto.random(n):gsub(".", function(c) return ("%02x"):format(c:byte()) end))
end

--- Twelve letters and digits, such as `2ulA3W2Vltg6`.
---@return string
function id.short()
  return (crypto.random(12):gsub(".", function(c)
    local i = c:byte() % #letters + 1
    return letters:sub(i, i)
  end))
end

--- A client id: a UUID.
---@return string
function id.uuid()
  local a, b, c, d, e = hex(16):match "^(%x%x%x%x%x%x%x%x)(%x%x%x%x).(%x%x%x).(%x%x%x)(.*)$"
  return ("%s-%s-4%s-8%s-%s"):format(a, b, c, d, e)
end

--- A client secret: 55 hexadecimal digits.
---@return string
function id.secret()
  return hex(28):sub(1, 55)
end

--- An opaque token.
---@return string
function id.token()
  return crypto.base64url(crypto.random(32))
end

return id

--- What was done to the emulator meanwhile, as a remark in the code of a run.

local remark = {}

--- The server's clock was pushed.
---@param mark string what a remark begins with
---@param with table `{ seconds, both }`
---@return string line
function remark.expire(mark, with)
  return ("%s here the emulator's clock was pushed by %d s"):format(mark, with[1])
end

--- The token was revoked.
---@param mark string
---@return string line
function remark.revoke(mark)
  return mark .. " here the token was revoked at the server"
end

return remark

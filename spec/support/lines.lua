--- The lines that a command prints.
---@param command string
---@return string[]
return function(command)
  local lines = {}
  local pipe = assert(io.popen(command, "r"))
  for line in pipe:lines() do lines[#lines + 1] = line end
  pipe:close()
  return lines
end

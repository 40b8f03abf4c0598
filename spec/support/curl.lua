--- For specs: the curl tool, and plain bytes over TCP, run beside this process while its pollables are stepped.

local poll = require "airlock.loop.poll"

local curl = {}

local function slurp(name)
  local file = io.open(name, "rb")
  if not file then return nil end
  local text = file:read "*a"
  file:close()
  return text
end

--- Quotes a word for the shell.
function curl.quote(text)
  return "'" .. tostring(text):gsub("'", "'\\''") .. "'"
end

local function begin(command)
  local base = os.tmpname()
  -- what watches over our own process (a sanitizer) is not for the tools
  local line = ("(unset LD_PRELOAD; %s; echo $? >%s.rc1; mv %s.rc1 %s.rc) </dev/null >%s.out 2>%s.err &"):format(
    command:gsub("BASE", function() return base end), base, base, base, base, base)
  os.execute(line)
  return { base = base, command = command }
end

local function finished(job)
  job.rc = job.rc or tonumber(slurp(job.base .. ".rc") or "")
  return job.rc ~= nil
end

local function collect(job)
  local head = slurp(job.base .. ".head") or ""
  job.body, job.out, job.err = slurp(job.base .. ".body") or "", slurp(job.base .. ".out"), slurp(job.base .. ".err")
  job.headers = {}
  for line in head:gmatch "[^\r\n]+" do
    local status = line:match "^HTTP/%S+ (%d+)"
    local name, value = line:match "^([^:]+):%s*(.*)$"
    if status then job.status, job.headers = tonumber(status), {} end -- the last of several, after a 100
    if name and not status then job.headers[name:lower()] = value end
  end
  for _, ending in ipairs { "", ".rc", ".head", ".body", ".out", ".err" } do os.remove(job.base .. ending) end
  return job
end

--- Starts another tool by a line for the shell; gives a job for curl.wait.
curl.shell = begin

--- Starts curl with the words of a list (or a string for the shell); gives a job for curl.wait.
function curl.start(words)
  if type(words) == "table" then
    local quoted = {}
    for i, word in ipairs(words) do quoted[i] = curl.quote(word) end
    words = table.concat(quoted, " ")
  end
  return begin("curl -sS --noproxy '*' --max-time 20 -D BASE.head -o BASE.body " .. words)
end

--- Steps what is beside the engine until the jobs have finished; `during` is called in between. Gives the first job:
-- `rc`, `status`, `headers`, `body`, `out`, `err`.
function curl.wait(job, during)
  local jobs = job[1] and job or { job }
  local stop = os.time() + 30
  for _, each in ipairs(jobs) do
    while not finished(each) do
      poll.run(0.004)
      if during then during() end
      if os.time() > stop then error("never finished: " .. each.command) end
    end
  end
  for _, each in ipairs(jobs) do collect(each) end
  return jobs[1]
end

--- Starts curl and waits for it.
function curl.run(words, during)
  return curl.wait(curl.start(words), during)
end

--- Steps for a while, or until `done` says so.
function curl.pass(seconds, done)
  local core = require "airlock.core"
  local stop = core.now() + seconds
  repeat poll.run(0.004) until core.now() >= stop or (done and done())
end

--- Starts sending bytes over TCP (escapes as printf's %b has them), then whatever the shell line `after` does with
--- descriptor 3.
function curl.send(port, bytes, after)
  return begin(("bash -c 'exec 3<>/dev/tcp/127.0.0.1/%d; printf %%b \"$1\" >&3; %s' - %s"):format(
    port, after or "timeout 5 cat <&3", curl.quote(bytes)))
end

return curl

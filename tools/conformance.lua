-- conformance: makes docs/conformance.md of spec/conformance/checklist.lua and of the names of the specs.
--   lua5.4 tools/conformance.lua          writes the page
--   dofile "tools/conformance.lua"        for specs: gives { problems = { … }, stale = { … } } and writes nothing

local fill = dofile("tools/reference/markdown.lua").fill
local path = "docs/conformance.md"

local function read(name)
  local file = assert(io.open(name, "rb"))
  local text = file:read "*a"
  file:close()
  return text
end

local function lines_of(command)
  local list, pipe = {}, assert(io.popen(command, "r"))
  for line in pipe:lines() do list[#list + 1] = line end
  pipe:close()
  table.sort(list)
  return list
end

-- The ids in the texts of a source: names of specs are texts, and remarks don't count.
local function ids_in(source, remark)
  local found = {}
  for line in source:gmatch "[^\n]+" do
    if not line:find("^%s*" .. remark) then
      for text in line:gmatch '"([^"]*)"' do
        for id in text:gmatch "%[([%dA-Z][%dA-Z][%dA-Z][%dA-Z]%-%d%d)%]" do found[id] = true end
      end
    end
  end
  return found
end

-- id → the files that have specs of it, sorted
local function proofs()
  local by_id = {}
  for _, name in ipairs(lines_of "find spec -name '*_spec.lua' -o -path 'spec/c/*_test.c'") do
    for id in pairs(ids_in(read(name), name:find "%.c$" and "/%*" or "%-%-")) do
      by_id[id] = by_id[id] or {}
      table.insert(by_id[id], name)
    end
  end
  return by_id
end

local function files(names)
  local links = {}
  for i, name in ipairs(names) do links[i] = ("[%s](../%s)"):format(name:match "([%w_]+)_%a+%.%a+$", name) end
  return table.concat(links, ", ")
end

local levels = { M = "must", S = "should", R = "practice" }

-- One item of the page; the second result: what is wrong with it.
local function row(line, names)
  local id, level, section, rule = line[1], line[2], line[3], line[4]
  local proof, problem
  if line.why then
    proof = "doesn't apply: " .. line.why
    if names then problem = id .. " has a spec, but is said not to apply" end
  elseif names then proof = files(names)
  elseif line.later then proof = "**not built yet** (" .. line.later .. ")"
  else
    proof = "**no spec**"
    problem = id .. " has no spec that names it, and no reason why not"
  end
  local item = ("- **%s** (%s, section %s): %s. Proof: %s"):format(id, levels[level], section, rule, proof)
  return fill(item, "  "), problem
end

local head = [[
# Conformance

The lines of the RFCs that a client must keep, and the specs that prove them. This page is made by `make conformance`
from [the checklist](../spec/conformance/checklist.lua) and the names of the specs; a spec fails when it is wrong. To
see a proof, look for the id in the file: `grep -rn '6749-01' spec`. The flows against another server are in
[spec/interop](../spec/interop).

%d of %d lines have specs%s.
]]

local function make()
  local by_id, known, problems, rows = proofs(), {}, {}, {}
  local proved, later, apart, all = 0, 0, 0, 0
  for _, group in ipairs(dofile "spec/conformance/checklist.lua") do
    rows[#rows + 1] = ("\n## %s\n"):format(group.title)
    for _, line in ipairs(group) do
      local names = by_id[line[1]]
      if known[line[1]] then problems[#problems + 1] = line[1] .. " is in the checklist twice" end
      known[line[1]], all = true, all + 1
      if line.why then apart = apart + 1 elseif names then proved = proved + 1 elseif line.later then
        later = later + 1 end
      local text, problem = row(line, names)
      rows[#rows + 1] = text
      problems[#problems + 1] = problem
    end
  end
  for id in pairs(by_id) do
    if not known[id] then problems[#problems + 1] = id .. " is named by a spec, but not in the checklist" end
  end
  table.sort(problems)
  local rest = (later > 0 and ("; %d wait for what isn't built yet"):format(later) or "")
    .. (apart > 0 and ("; %d don't apply"):format(apart) or "")
  return { page = head:format(proved, all, rest) .. table.concat(rows, "\n") .. "\n", problems = problems, path = path }
end

-- The items of a page: a list of { id, rule, proof }.
local function items(page)
  local found = {}
  for text in (page:gsub("\n([%-#])", "\n\n%1") .. "\n\n"):gmatch "\n(%- %*%*.-)\n\n" do
    local item = {}
    item.id, item.rule, item.proof = text:gsub("%s+", " "):match "^%- %*%*(%w+%-%d%d)%*%* (.-) Proof: (.*)$"
    found[#found + 1] = assert(item.id and item, text)
  end
  return found
end

-- What the page says that isn't so any more. It may say less than is so: leave out a file that proves a line, too, or
-- say of one that it isn't built yet. It may not name a file that doesn't prove a line, nor claim or deny a proof
-- otherwise.
local function stale(page, made)
  local wrong, theirs = {}, {}
  for _, item in ipairs(items(page)) do theirs[item.id] = item end
  for _, item in ipairs(items(made)) do
    local id, old, now = item.id, theirs[item.id], item.proof
    if not old or old.rule ~= item.rule then wrong[#wrong + 1] = id .. " isn't there as it stands in the checklist"
    elseif not now:find "%]%(" then
      if old.proof ~= now then wrong[#wrong + 1] = id .. " is said to be proved, or for another reason not to be" end
    elseif not old.proof:find "%]%(" then
      if not old.proof:find("**not built yet**", 1, true) then wrong[#wrong + 1] = id .. " has specs now" end
    else
      for link in old.proof:gmatch "%b()" do
        if link:find("../spec/", 1, true) and not now:find(link, 1, true) then
          wrong[#wrong + 1] = id .. " isn't proved any more in " .. link
        end
      end
    end
    theirs[id] = nil
  end
  for id in pairs(theirs) do wrong[#wrong + 1] = id .. " isn't in the checklist any more" end
  table.sort(wrong)
  return wrong
end

local result = make()
if type(arg) == "table" and tostring(arg[0]):find "conformance%.lua$" then
  for _, problem in ipairs(result.problems) do io.stderr:write("conformance: ", problem, "\n") end
  local file = assert(io.open(path, "wb"))
  file:write(result.page)
  file:close()
  os.exit(#result.problems == 0 and 0 or 1)
end
result.stale = stale(read(path), result.page)
return result

-- Chooses the target of a group, or the group of a rule, for a request.
local M = {}

local turns = {} -- the number of requests of a group, from a random start, by its ARN
local outstanding = {} -- requests that a target has not answered, by its address and port

-- One of `items` at random, by their weights; nil if all are 0.
function M.weighted(items, weight)
  local total = 0
  for _, item in ipairs(items) do
    total = total + weight(item)
  end
  local at = math.random() * total
  for _, item in ipairs(items) do
    at = at - weight(item)
    if at < 0 then
      return item
    end
  end
end

-- A target's weight, which grows linearly to 1 while it is in slow start.
local function share(group, target)
  local age = target.since and ngx.now() - target.since or group.slow_start
  return age < group.slow_start and math.max(age, 0) / group.slow_start or 1
end

-- Whether a target of the group is in slow start.
local function slow(group)
  for _, target in ipairs(group.targets) do
    if target.since and ngx.now() - target.since < group.slow_start then
      return true
    end
  end
  return false
end

local function least_busy(targets, first)
  local best, fewest
  for offset = 0, #targets - 1 do
    local target = targets[(first + offset) % #targets + 1]
    local count = outstanding[target.id] or 0
    if not fewest or count < fewest then
      best, fewest = target, count
    end
  end
  return best
end

-- A target by the group's algorithm; nil if it has none.
function M.choose(group)
  local targets, turn = group.targets, turns[group.id] or math.random(0, 1000)
  turns[group.id] = turn + 1
  if group.algorithm == "least_outstanding_requests" then
    return least_busy(targets, turn)
  elseif group.algorithm == "weighted_random" or slow(group) then
    return M.weighted(targets, function(target)
      return share(group, target)
    end)
  end
  return targets[turn % #targets + 1]
end

-- Counts a request to a target; `finish` counts its end.
function M.begin(target)
  outstanding[target.id] = (outstanding[target.id] or 0) + 1
end

function M.finish(id)
  local count = (outstanding[id] or 1) - 1
  outstanding[id] = count > 0 and count or nil
end

-- Forgets the groups that are not among these.
function M.keep(groups)
  for id in pairs(turns) do
    turns[id] = groups[id] and turns[id]
  end
end

return M

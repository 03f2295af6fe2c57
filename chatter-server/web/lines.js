// System lines in words. They come as codes; each reader gets them in the second or third person.

/**
 * `line` in words. `reader` is `customer` or `staff`; `names` has `customer` and `agent`, as known at that
 * line.
 */
export function words(line, reader, names) {
  switch (line.code) {
    case 'agent_joined':
      return `${line.name} joined the chat`;
    case 'agent_left':
      return `${line.name} left the chat`;
    case 'agent_lost':
      return `${line.name} lost the connection`;
    case 'back_in_queue':
      return reader === 'customer' ? 'You are in line again, at your old place' : 'The chat went back to the queue';
    case 'chat_ended':
      return ended(line, reader, names);
    case 'chat_reopened':
      return `${who(line.by, reader, names)} reopened the chat`;
    case 'transferred_to_agent':
      return `The chat was transferred to ${line.name}`;
    case 'transferred_to_category':
      return `The chat was transferred to ${line.name}`;
    case 'silence_warning':
      return reader === 'customer'
        ? 'Are you still there? Without an answer this chat will end soon'
        : `${names.customer} was asked whether they are still there`;
    case 'merged_into':
      return reader === 'customer' ? 'This chat goes on in your other chat' : `This chat goes on in chat ${line.into}`;
    case 'merged_from':
      return reader === 'customer' ? 'Your other chat goes on here' : `Chat ${line.from} goes on here`;
    default:
      return 'Something happened that this page cannot show; reload it';
  }
}

function ended({ by, reason }, reader, names) {
  const subject = who(by, reader, names);
  if (reason === 'left_queue') return `${subject} left the queue`;
  if (reason === 'abandoned') {
    const whose = reader === 'customer' ? 'your connection' : `the connection of ${names.customer}`;
    return `The chat ended because ${whose} was lost while waiting`;
  }
  const theirs = reader === 'customer' ? 'you were' : `${names.customer} was`;
  if (reason === 'waited_too_long') return 'The chat ended because nobody was free for too long';
  if (reason === 'customer_silent') return `The chat ended because ${theirs} silent for long`;
  if (reason === 'merged') return 'The chat ended because it goes on in another one';
  return `${subject} ended the chat`;
}

function who(side, reader, names) {
  if (side === 'customer') return reader === 'customer' ? 'You' : names.customer;
  if (side === 'staff') return names.agent ?? 'An agent';
  return 'Chatter';
}

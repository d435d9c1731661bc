#pragma once
// How the command line shows things: for people, or as JSON for programs.
#include <kernel/host/kernel.h>

#include <argot/messenger.h>

namespace argot::cli {

void print_message(bool json, const Message& message);
/// A file_moved event, as JSON.
void print_transfer(const Event& event);
/// A line of JSON; until 0: the peer has stopped.
void print_typing(const Event& event);
void print_conversation(bool json, const Conversation& conversation);
void print_trace(bool json, const std::vector<TraceStep>& steps);
/// "12:31:07"
std::string clock_text(Time at);
std::string name_of(MessageState state);

/// Waits until an outgoing message is sent or failed; nothing when time runs out.
Task<std::optional<Message>> wait_for(kernel::Kernel& kernel, AccountId account, MessageId message, double seconds);
/// Waits until nothing waits to be sent any more; false when time runs out.
Task<bool> wait_for_outbox(kernel::Kernel& kernel, AccountId account, double seconds);

}  // namespace argot::cli

/*
 * server [STALL_SLOT STALL_PERCENT STALL_MS]
 * A worker of one thread: takes a connection, reads 8 bytes, answers 7 of them and its slot, waits for the client's end.
 * In the slot that stalls, some connections take so long that everything behind them waits.
 */
#define _GNU_SOURCE
#include "../Replace/control.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>

static void serve(int client, unsigned char slot, double stall_share, int stall_ms)
{
    unsigned char bytes[8];
    if (recv(client, bytes, sizeof bytes, MSG_WAITALL) == sizeof bytes) {
        if (drand48() < stall_share) {
            struct timespec stall = { stall_ms / 1000, stall_ms % 1000 * 1000000L };
            nanosleep(&stall, NULL);
        }
        bytes[7] = slot;
        send(client, bytes, sizeof bytes, MSG_NOSIGNAL);
        recv(client, bytes, sizeof bytes, 0);
    }
    close(client);
}

/* Until nobody waits any more. */
static void serve_all(int listener, unsigned char slot, double stall_share, int stall_ms)
{
    int client;
    while ((client = accept4(listener, NULL, NULL, SOCK_CLOEXEC)) >= 0)
        serve(client, slot, stall_share, stall_ms);
}

int main(int count, char **arguments)
{
    static char json[65537];
    int control = atoi(getenv("WORKERPOOL_CONTROL_FD"));
    int slot = atoi(getenv("WORKERPOOL_SLOT"));
    int stalls = count == 4 && atoi(arguments[1]) == slot;
    double stall_share = stalls ? atof(arguments[2]) / 100 : 0;
    int stall_ms = stalls ? atoi(arguments[3]) : 0;
    srand48(slot + 1);
    get_ready(control, json, sizeof json);
    struct pollfd events[2] = { { control, POLLIN, 0 }, { 3, POLLIN, 0 } };
    for (;;) {
        if (poll(events, 2, -1) < 0 && errno != EINTR)
            return 4;
        if (events[1].revents)
            serve_all(3, slot, stall_share, stall_ms);
        if (events[0].revents) {
            hear(control, json, sizeof json);
            if (is_end(json)) {
                if (strstr(json, "\"takeQueue\":true"))
                    serve_all(3, slot, stall_share, stall_ms);
                return 0;
            }
        }
    }
}

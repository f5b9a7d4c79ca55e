/*
 * load PORT|PATH
 * Clients: each connects, sends 8 bytes, gets 7 of them and the slot that answered, closes. Never tried again.
 * Commands, a line each: "rate R" (so many in a second, whatever becomes of them), "clients N" (so many at a time, each
 * followed by the next), "phase NAME" (what is due from now on counts to it), "stop" (no more; ends when all have).
 * Then for each phase: name, seconds, served, lost, p50, p90, p99, p99.9, largest in ms from the moment at which it was
 * due; and how many each slot answered.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { MOST = 60000, PHASES = 16, SLOTS = 64, COMMANDS = MOST };
static const int64_t SECOND = 1000000000, PATIENCE = 30 * 1000000000LL;

struct phase {
    char name[64];
    uint32_t *latencies; /* us */
    size_t served, room, lost;
    int64_t since, lasted;
    uint32_t slots[SLOTS];
};

struct connection {
    int fd, phase, got, sent;
    int64_t due;
    uint64_t number;
    unsigned char answer[8];
};

static struct phase phases[PHASES];
static int phase_count, phase = -1;
static struct connection connections[MOST];
static int idle[MOST], idle_count;
static int epoll;
static struct sockaddr_storage target;
static socklen_t target_size;
static uint64_t numbers;

static int64_t now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * SECOND + time.tv_nsec;
}

static void end(struct connection *c, const char *lost)
{
    struct phase *p = &phases[c->phase];
    if (lost) {
        p->lost++;
        fprintf(stderr, "lost in phase %s, %.1f ms after it was due: %s\n", p->name, (now() - c->due) / 1e6, lost);
    } else {
        if (p->served == p->room)
            p->latencies = realloc(p->latencies, sizeof(uint32_t) * (p->room = p->room * 2 + 65536));
        p->latencies[p->served++] = (now() - c->due) / 1000;
        p->slots[c->answer[7] % SLOTS]++;
    }
    if (c->fd >= 0)
        close(c->fd);
    c->fd = -1;
    idle[idle_count++] = c - connections;
}

static void advance(struct connection *c)
{
    if (!c->sent) {
        ssize_t count = send(c->fd, &c->number, 8, MSG_NOSIGNAL);
        if (count < 0 && (errno == EAGAIN || errno == ENOTCONN))
            return;
        if (count != 8) {
            end(c, strerror(errno));
            return;
        }
        c->sent = 1;
    }
    ssize_t count = recv(c->fd, c->answer + c->got, 8 - c->got, 0);
    if (count < 0 && errno == EAGAIN)
        return;
    if (count <= 0)
        end(c, count == 0 ? "the server ended first" : strerror(errno));
    else if ((c->got += count) == 8)
        end(c, memcmp(c->answer, &c->number, 7) ? "wrong bytes" : NULL);
}

static void begin(int64_t due)
{
    if (idle_count == 0) {
        fprintf(stderr, "more than %d connections at a time\n", MOST);
        exit(1);
    }
    struct connection *c = &connections[idle[--idle_count]];
    *c = (struct connection) { .phase = phase, .due = due, .number = ++numbers & 0xffffffffffffff };
    c->fd = socket(target.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (c->fd < 0) {
        perror("socket"); /* not the server's doing: there is no result */
        exit(1);
    }
    if (connect(c->fd, (struct sockaddr *)&target, target_size) < 0 && errno != EINPROGRESS) {
        end(c, strerror(errno));
        return;
    }
    struct epoll_event event = { EPOLLIN | EPOLLOUT | EPOLLET, { .u32 = c - connections } };
    if (epoll_ctl(epoll, EPOLL_CTL_ADD, c->fd, &event) < 0) {
        perror("epoll_ctl");
        exit(1);
    }
    advance(c);
}

static int compare(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

static double percentile(struct phase *p, double part)
{
    return p->served == 0 ? 0 : p->latencies[(size_t)((p->served - 1) * part)] / 1e3;
}

static void report(void)
{
    for (int i = 0; i < phase_count; i++) {
        struct phase *p = &phases[i];
        qsort(p->latencies, p->served, sizeof(uint32_t), compare);
        printf("%s %.3f %zu %zu %.3f %.3f %.3f %.3f %.3f", p->name, p->lasted / 1e9, p->served, p->lost,
            percentile(p, 0.5), percentile(p, 0.9), percentile(p, 0.99), percentile(p, 0.999), percentile(p, 1));
        for (int slot = 0; slot < SLOTS; slot++)
            printf(" %u", p->slots[slot]);
        printf("\n");
    }
    fflush(stdout);
}

static void begin_phase(const char *name)
{
    int64_t time = now();
    if (phase >= 0)
        phases[phase].lasted += time - phases[phase].since;
    for (phase = 0; phase < phase_count && strcmp(phases[phase].name, name); phase++)
        ;
    if (phase == phase_count) {
        snprintf(phases[phase].name, sizeof phases[phase].name, "%s", name);
        phase_count++;
    }
    phases[phase].since = time;
}

int main(int count, char **arguments)
{
    if (count != 2)
        return 64;
    if (arguments[1][0] == '/') {
        struct sockaddr_un *path = (struct sockaddr_un *)&target;
        path->sun_family = AF_UNIX;
        snprintf(path->sun_path, sizeof path->sun_path, "%s", arguments[1]);
        target_size = sizeof *path;
    } else {
        struct sockaddr_in *address = (struct sockaddr_in *)&target;
        address->sin_family = AF_INET;
        address->sin_port = htons(atoi(arguments[1]));
        address->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        target_size = sizeof *address;
    }
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    for (int i = 0; i < MOST; i++)
        connections[i].fd = -1, idle[idle_count++] = i;
    epoll = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event event = { EPOLLIN, { .u32 = COMMANDS } }, events[256];
    epoll_ctl(epoll, EPOLL_CTL_ADD, 0, &event);
    FILE *commands = stdin;
    setvbuf(commands, NULL, _IONBF, 0);

    int64_t gap = 0, due = 0, look = now() + SECOND;
    int clients = 0, stopping = 0;
    while (!stopping || idle_count < MOST) {
        int64_t time = now();
        for (; gap > 0 && due <= time; due += gap)
            begin(due);
        while (MOST - idle_count < clients)
            begin(now());
        if (time >= look) {
            for (int i = 0; i < MOST; i++)
                if (connections[i].fd >= 0 && time - connections[i].due > PATIENCE)
                    end(&connections[i], "no answer in 30 s");
            look = time + SECOND;
        }
        int64_t wait = gap > 0 ? due - now() : SECOND / 10;
        struct timespec timeout = { 0, wait < 0 ? 0 : wait };
        if (timeout.tv_nsec >= SECOND)
            timeout.tv_nsec = SECOND - 1;
        int ready = epoll_pwait2(epoll, events, 256, &timeout, NULL);
        for (int i = 0; i < ready; i++) {
            if (events[i].data.u32 != COMMANDS) {
                if (connections[events[i].data.u32].fd >= 0)
                    advance(&connections[events[i].data.u32]);
                continue;
            }
            char line[128], name[64];
            double number;
            if (!fgets(line, sizeof line, commands))
                return 1; /* whoever measures is gone */
            if (sscanf(line, "phase %63s", name) == 1)
                begin_phase(name);
            else if (sscanf(line, "rate %lf", &number) == 1)
                gap = number > 0 ? SECOND / number : 0, due = now(), clients = 0;
            else if (sscanf(line, "clients %lf", &number) == 1)
                gap = 0, clients = number;
            else
                stopping = 1, gap = 0, clients = 0;
        }
    }
    phases[phase].lasted += now() - phases[phase].since;
    report();
    return 0;
}

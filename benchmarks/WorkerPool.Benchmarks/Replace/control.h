/* The worker's end of the control channel, as little of it as there is; see docs/worker-protocol.md. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void say(int control, const char *json)
{
    unsigned char frame[128];
    uint32_t length = strlen(json);
    for (int i = 0; i < 4; i++)
        frame[i] = length >> (8 * i);
    memcpy(frame + 4, json, length);
    if (write(control, frame, 4 + length) != (ssize_t)(4 + length)) {
        perror("write");
        exit(1);
    }
}

static void hear_bytes(int control, char *bytes, uint32_t length)
{
    while (length > 0) {
        ssize_t count = read(control, bytes, length);
        if (count <= 0)
            exit(count < 0);
        bytes += count;
        length -= count;
    }
}

static void hear(int control, char *json, uint32_t size)
{
    unsigned char header[4];
    hear_bytes(control, (char *)header, 4);
    uint32_t length = header[0] | header[1] << 8 | header[2] << 16 | (uint32_t)header[3] << 24;
    if (length >= size)
        exit(2);
    hear_bytes(control, json, length);
    json[length] = 0;
}

static void get_ready(int control, char *json, uint32_t size)
{
    say(control, "{\"type\":\"hello\",\"protocolMin\":1,\"protocolMax\":1,\"library\":\"benchmark\"}");
    hear(control, json, size);
    if (!strstr(json, "\"welcome\""))
        exit(3);
    say(control, "{\"type\":\"ready\"}");
}

static int is_end(const char *json)
{
    return strstr(json, "\"drain\"") || strstr(json, "\"stop\"");
}

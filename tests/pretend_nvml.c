/* A stand-in for libnvidia-ml.so.1: PRETEND_GPUS devices (default 2), each with 8 GiB, of which
 * 1 + its index GiB are in use, and busy to 40 + its index per cent. Just what pynvml and dask-cuda
 * ask for. Build: cc -shared -fPIC -o libnvidia-ml.so.1 pretend_nvml.c
 *
 * PRETEND_FAULT=N: the driver fails with NVML's error N from the start; "hangs": it never answers;
 * "figures hang": it never says how busy a device is. PRETEND_LOST=I: device I is lost.
 * PRETEND_MIG=I: device I is sliced in two. PRETEND_NVML_LOG: a file that gets the process id of
 * whoever asks how busy a device is. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { SUCCESS = 0, INVALID_ARGUMENT = 2, NOT_SUPPORTED = 3, NOT_FOUND = 6, IS_LOST = 15 };
enum { MOST = 8, SLICES = 2, MOST_SLICES = 7 };
typedef struct { unsigned index; int slice; } Device; /* slice -1: the whole device */
typedef struct { unsigned long long total, free, used; } Memory;
typedef struct { unsigned version; unsigned long long total, reserved, free, used; } Memory2;
typedef struct { unsigned gpu, memory; } Utilization;

static Device devices[MOST], slices[MOST][SLICES];

static unsigned count(void) {
    const char *asked = getenv("PRETEND_GPUS");
    unsigned number = asked ? (unsigned)atoi(asked) : 2;
    return number > MOST ? MOST : number;
}

static int is(const char *name, unsigned index) {
    const char *asked = getenv(name);
    return asked && (unsigned)atoi(asked) == index;
}

static void fall_silent(const char *fault) {
    const char *asked = getenv("PRETEND_FAULT");
    while (asked && strcmp(asked, fault) == 0) sleep(60);
}

static void write_uuid(const Device *device, char *text, unsigned size) {
    if (device->slice < 0) snprintf(text, size, "GPU-badc0000-0000-0000-0000-%012u", device->index);
    else snprintf(text, size, "MIG-badc0000-000%d-0000-0000-%012u", device->slice, device->index);
}

int nvmlInit_v2(void) {
    const char *fault = getenv("PRETEND_FAULT");
    fall_silent("hangs");
    for (unsigned i = 0; i < MOST; i++) {
        devices[i] = (Device){i, -1};
        for (int s = 0; s < SLICES; s++) slices[i][s] = (Device){i, s};
    }
    return fault ? atoi(fault) : SUCCESS;
}
int nvmlInitWithFlags(unsigned flags) { (void)flags; return nvmlInit_v2(); }
int nvmlShutdown(void) { return SUCCESS; }
const char *nvmlErrorString(int code) { (void)code; return "pretend NVML error"; }
int nvmlSystemGetDriverVersion(char *text, unsigned size) {
    snprintf(text, size, "600.00");
    return SUCCESS;
}
int nvmlDeviceGetCount_v2(unsigned *number) { *number = count(); return SUCCESS; }
int nvmlDeviceGetHandleByIndex_v2(unsigned index, Device **device) {
    if (index >= count()) return INVALID_ARGUMENT;
    if (is("PRETEND_LOST", index)) return IS_LOST;
    *device = &devices[index];
    return SUCCESS;
}
int nvmlDeviceGetHandleByUUID(const char *asked, Device **device) {
    char uuid[64];
    for (unsigned i = 0; i < count(); i++)
        for (int s = -1; s < SLICES; s++) {
            *device = s < 0 ? &devices[i] : &slices[i][s];
            write_uuid(*device, uuid, sizeof uuid);
            if (strcmp(uuid, asked) == 0) return SUCCESS;
        }
    return NOT_FOUND;
}
int nvmlDeviceGetIndex(Device *device, unsigned *index) { *index = device->index; return SUCCESS; }
int nvmlDeviceGetUUID(Device *device, char *text, unsigned size) {
    write_uuid(device, text, size);
    return SUCCESS;
}
int nvmlDeviceGetName(Device *device, char *text, unsigned size) {
    snprintf(text, size, "Pretend GPU %u%s", device->index, device->slice < 0 ? "" : " MIG 1g");
    return SUCCESS;
}
int nvmlDeviceGetMemoryInfo(Device *device, Memory *memory) {
    memory->total = 8ULL << 30;
    memory->used = (1ULL + device->index) << 30;
    memory->free = memory->total - memory->used;
    return SUCCESS;
}
int nvmlDeviceGetMemoryInfo_v2(Device *device, Memory2 *memory) {
    memory->total = 8ULL << 30;
    memory->reserved = 0;
    memory->used = (1ULL + device->index) << 30;
    memory->free = memory->total - memory->used;
    return SUCCESS;
}
int nvmlDeviceGetUtilizationRates(Device *device, Utilization *rates) {
    const char *log = getenv("PRETEND_NVML_LOG"); /* who asks, one process id a line */
    fall_silent("figures hang");
    if (device->slice >= 0 || is("PRETEND_MIG", device->index)) return NOT_SUPPORTED;
    FILE *stream = log ? fopen(log, "a") : NULL;
    if (stream) { fprintf(stream, "%d\n", (int)getpid()); fclose(stream); }
    rates->gpu = 40 + device->index;
    rates->memory = 10;
    return SUCCESS;
}
int nvmlDeviceGetCpuAffinity(Device *device, unsigned words, unsigned long *set) {
    (void)device;
    memset(set, 0xff, words * sizeof *set); /* every core is as near as any other */
    return SUCCESS;
}
int nvmlDeviceGetMigMode(Device *device, unsigned *current, unsigned *pending) {
    if (device->index == 0 && !getenv("PRETEND_MIG")) return NOT_SUPPORTED;
    *current = *pending = is("PRETEND_MIG", device->index);
    return SUCCESS;
}
int nvmlDeviceGetMaxMigDeviceCount(Device *device, unsigned *most) {
    (void)device;
    *most = MOST_SLICES;
    return SUCCESS;
}
int nvmlDeviceGetMigDeviceHandleByIndex(Device *device, unsigned number, Device **slice) {
    if (number % 2 || number / 2 >= SLICES) return NOT_FOUND; /* numbers have gaps */
    *slice = &slices[device->index][number / 2];
    return SUCCESS;
}
int nvmlDeviceGetDeviceHandleFromMigDeviceHandle(Device *slice, Device **device) {
    *device = &devices[slice->index];
    return SUCCESS;
}
int nvmlDeviceIsMigDeviceHandle(Device *device, unsigned *answer) {
    *answer = device->slice >= 0;
    return SUCCESS;
}

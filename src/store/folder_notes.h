/* folder_notes.h: what a walk through class folders passes over, and the words for it. */
#ifndef SY_STORE_FOLDER_NOTES_H
#define SY_STORE_FOLDER_NOTES_H

#include "base/text.h"

typedef enum sy_notice {
  SY_NOTICE_HIDDEN,  /* .x */
  SY_NOTICE_NOWHERE, /* a link that leads nowhere */
  SY_NOTICE_LINKED,  /* a link to a folder within a class */
  SY_NOTICE_SPECIAL, /* a pipe, a socket, a device */
  SY_NOTICE_BESIDE,  /* a file that would count, beside the class folders */
  SY_NOTICE_NESTED,  /* a file that counts, in a sub-folder of its class */
  SY_NOTICES
} sy_notice;

/* Zero-initialise. A failed allocation sticks in `failed`. */
typedef struct sy_folder_notes {
  uint64_t n[SY_NOTICES];
  char *examples[SY_NOTICES]; /* the first by bytes, so that the order of the disk shows nowhere */
  sy_dictionary extensions;   /* of files that do not count: ".txt", "" */
  uint64_t *extension_files;
  size_t extension_capacity;
  uint64_t uncounted;
  size_t uncounted_classes,
      uncounted_class; /* how many hold such files; the last of them, from 1 */
  bool failed;
} sy_folder_notes;

/* Notices folder/name, where `folder` is told from the root on ("" = the root itself). */
void sy_folder_notice(sy_folder_notes *notes, sy_notice what, const char *folder, const char *name);

/* Notices a file of class k (0, 1, ..) whose extension does not count. */
void sy_folder_uncounted(sy_folder_notes *notes, size_t k, const char *name);

/* Adds the notes, each a line, to a list. `counted` files of all classes do count.
 * @param classes  (n_classes) */
void sy_folder_notes_tell(sy_folder_notes *notes, const char *root, char *const *classes,
                          size_t n_classes, uint64_t counted, sy_messages *messages);

/* The uncounted extensions in words, the most frequent first: ".txt 10, .db 2". */
void sy_folder_extensions(sy_folder_notes *notes, sy_text *words);

void sy_folder_notes_clear(sy_folder_notes *notes);

#endif

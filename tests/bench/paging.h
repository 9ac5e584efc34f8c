/* Translation for a payload: everything where it is, and one page of a device through tables of full depth. */
#pragma once

/* Switches translation on (Sv39 or Sv32) and returns where the page with this physical address is mapped. */
unsigned long paging_on(unsigned long device);
void paging_off(void);
